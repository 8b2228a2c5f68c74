import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { aPolicy } from '../fixtures/config.ts'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aPost, aRequest } from '../fixtures/live-token.ts'
import { logFileIn } from '../fixtures/log-file.ts'
import { type Answer, exchangeRaw, openRaw } from '../fixtures/raw-connection.ts'
import { answering, startScriptedUpstream } from '../fixtures/scripted-upstream.ts'

/** Lists HEAD, which the default policy does not. */
const aHeadPolicy = aPolicy({
  scopes: { orders: ['GET /api/orders/{ref}/', 'HEAD /api/orders/{ref}/'] },
  grants: { default: ['orders'] },
})

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** What a client gets for one request when the upstream answers with these octets. */
async function answerTo(t: Test, octets: string | Buffer, message = aRequest({}), method = 'GET'): Promise<Answer> {
  const upstream = await startScriptedUpstream(t, answering(octets))
  const gateway = await startForwarding(t, upstream.url)
  return exchangeRaw(t, gateway.url, message, method)
}

/** Lines of an answer without the ones of the connection and of the gateway. */
function linesOf({ lines }: Answer): string[] {
  const own = /^(?:connection|keep-alive|transfer-encoding|x-request-id|date)$/i
  return lines.filter(([name]) => !own.test(name)).map(([name, value]) => `${name}: ${value}`)
}

t.test('status, reason phrase and fields of an answer pass in order and spelling', async t => {
  const lines = [
    'content-TYPE: text/x',
    'Set-Cookie: a=1',
    'X-Empty: ',
    'SET-cookie: b=2',
    'X-Name: caf\xe9',
    'Content-Length: 2',
  ]
  const answer = await answerTo(t, `HTTP/1.1 418 I'm a teapot\r\n${lines.join('\r\n')}\r\n\r\nhi`)
  t.same([answer.status, answer.reason, answer.body], [418, "I'm a teapot", 'hi'])
  t.same(linesOf(answer), lines)
})

t.test("the upstream's request id is replaced by the one that the gateway gave", async t => {
  const answer = await answerTo(t, 'HTTP/1.1 200 OK\r\nX-Request-Id: theirs\r\nContent-Length: 0\r\n\r\n')
  t.match(answer.field('x-request-id'), /^[0-9a-f]{32}$/)
  t.equal(answer.lines.filter(([name]) => name.toLowerCase() === 'x-request-id').length, 1)
})

t.test('hop-by-hop fields of an answer stop here', async t => {
  const octets =
    'HTTP/1.1 200 OK\r\nConnection: x-a\r\nX-A: 1\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n'
  t.same(linesOf(await answerTo(t, octets)), ['Content-Length: 0'])
})

t.test('a compressed body passes octet for octet', async t => {
  const body = gzipSync('{"ref":"abc"}').toString('latin1')
  const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`
  const answer = await answerTo(t, Buffer.from(head + body, 'latin1'))
  t.equal(answer.body, body)
  t.equal(answer.field('content-encoding'), 'gzip')
})

t.test('a body in chunks passes whole, and its trailers stop here', async t => {
  const octets =
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n'
  const answer = await answerTo(t, octets)
  t.same([answer.body, answer.trailers, answer.field('trailer')], ['abcde', '', undefined])
})

t.test('a body that ends with the connection passes whole, in chunks', async t => {
  const upstream = await startScriptedUpstream(
    t,
    answering('HTTP/1.1 200 OK\r\n\r\nabc', socket => socket.end('def')),
  )
  const gateway = await startForwarding(t, upstream.url)
  const client = await openRaw(t, gateway.url)
  client.send(aRequest({}))
  const answer = await client.answer()
  t.same([answer.body, answer.field('transfer-encoding')], ['abcdef', 'chunked'])
})

for (const [name, octets, method, expected] of [
  ['204', 'HTTP/1.1 204 No Content\r\n\r\n', 'GET', 204],
  ['204 that announces a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', 'GET', 204],
  ['304 that announces a length', 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 5\r\n\r\n', 'GET', 304],
  ['200 to HEAD that announces a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'HEAD', 200],
  ['200 to HEAD in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 'HEAD', 200],
  ['200 of length 0', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 'GET', 200],
] as const) {
  t.test(`an answer ${name} is complete with its head, and the next one is served`, async t => {
    const upstream = await startScriptedUpstream(t, answering(octets))
    const overrides = { policy: aHeadPolicy }
    const gateway = await startForwarding(t, upstream.url, { connections: 1 }, overrides)
    const client = await openRaw(t, gateway.url)
    for (let count = 0; count < 3; count++) {
      client.send(aRequest({ method }))
      t.equal((await client.answer(method)).status, expected)
    }
  })
}

t.test('interim answers of the upstream are not taken for the final one, nor passed on', async t => {
  const octets = `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok}`
  const answer = await answerTo(t, octets)
  t.same([answer.status, answer.body, answer.interim, answer.field('link')], [200, 'ok', [], undefined])
})

t.test(
  'an answer that comes while the client still sends reaches it at once, and the rest of the upload is taken',
  async t => {
    const upstream = await startScriptedUpstream(
      t,
      answering('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno'),
    )
    const gateway = await startForwarding(t, upstream.url)
    const client = await openRaw(t, gateway.url)
    client.send(aRequest({ method: 'POST', target: '/api/payments/', lines: ['Content-Length: 10'], body: 'abc' }))
    t.same((await client.answer()).body, 'no')
    client.send('defghij')
    client.send(aPost('{}'))
    t.same((await client.answer()).status, 401)
    t.notMatch((await upstream.connection(1)).received(), /defghij/)
  },
)

t.test('a client that does not read stops the reading of the upstream', async t => {
  const size = 256 * 1024 * 1024
  const upstream = await startScriptedUpstream(t)
  const gateway = await startForwarding(t, upstream.url)
  const client = await openRaw(t, gateway.url)
  client.socket.pause()
  client.send(aRequest({}))
  const { socket, until } = await upstream.connection(0)
  await until('\r\n\r\n')
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
  const piece = Buffer.alloc(1024 * 1024)
  let sent = 0
  // Each piece is written when the kernel has taken the one before. It stops taking them long before the end.
  const isStalled = await new Promise<boolean>(resolve => {
    const next = () => {
      if (sent === size) return resolve(false)
      sent += piece.length
      const given = socket.bytesWritten
      socket.write(piece, () => next())
      setTimeout(
        () => (socket.bytesWritten === given || socket.writableLength > 0) && sent < size && resolve(true),
        400,
      )
    }
    next()
  })
  t.ok(isStalled)
  t.ok(sent < 64 * 1024 * 1024, `${sent} octets were taken for a client that reads none`)
  client.socket.destroy()
  await (await upstream.connection(0)).closed
})

t.test('a large body arrives whole at a client that reads with pauses', async t => {
  const size = 8 * 1024 * 1024
  const upstream = await startScriptedUpstream(t, async ({ socket, until }) => {
    await until('\r\n\r\n')
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
    socket.write(Buffer.alloc(size, 'x'))
  })
  const gateway = await startForwarding(t, upstream.url)
  const client = await openRaw(t, gateway.url)
  let received = 0
  client.socket.on('data', chunk => {
    received += chunk.length
    client.socket.pause()
    setImmediate(() => client.socket.resume())
  })
  client.send(aRequest({ lines: ['Connection: close'] }))
  await client.closed
  t.ok(received > size)
})

/** How a fault of the upstream is answered, and what the log says. */
interface Fault {
  readonly status: number
  readonly code: string
  readonly reason: string
}
const invalid = { status: 502, code: 'upstream_unavailable', reason: 'upstream_invalid' }
const reset = { status: 502, code: 'upstream_unavailable', reason: 'upstream_reset' }
const unreachable = { status: 502, code: 'upstream_unavailable', reason: 'upstream_unreachable' }
const timeout = { status: 504, code: 'upstream_timeout', reason: 'upstream_timeout' }

async function expectFault(t: Test, api: string, expected: Fault, settings = {}): Promise<void> {
  const file = logFileIn(t.testdir())
  const gateway = await startForwarding(t, api, settings, { log: file.log })
  const answer = await exchangeRaw(t, gateway.url, aPost('{"a":1}'))
  t.equal(answer.status, expected.status)
  t.equal(answer.field('content-type'), 'application/json')
  t.equal(answer.field('retry-after'), undefined)
  t.same(JSON.parse(answer.body).path, '/api/payments/')
  const [error, ...more] = JSON.parse(answer.body).errors
  t.same([error.code, error.source, more.length], [expected.code, { resource: 'Gateway', ref: '' }, 0])
  await gateway.stop()
  t.match(file.lines(), [
    { reason: expected.reason, status: expected.status, request_id: answer.field('x-request-id') },
  ])
}

t.test('a name that does not resolve is answered 502', t => expectFault(t, 'http://no-such-name.invalid', unreachable))
t.test('a refused connection is answered 502', t => expectFault(t, 'http://127.0.0.1:9', unreachable))

const answers: Readonly<Record<string, readonly [string, Fault]>> = {
  garbage: ['garbage\r\n\r\n', invalid],
  'a server of another protocol': ['SSH-2.0-OpenSSH_9.0\r\n', invalid],
  'both framing fields': [
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    invalid,
  ],
  'two lengths': ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!', invalid],
  'a coding beside chunked': ['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n', invalid],
  'another coding than chunked': ['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx', invalid],
  'an unknown coding': ['HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n', invalid],
  'chunked twice': [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    invalid,
  ],
  'one length twice': ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok', invalid],
  'a negative length': ['HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok', invalid],
  'a length with a sign': ['HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok', invalid],
  'bare line feeds': ['HTTP/1.1 200 OK\nContent-Length: 2\n\nok', invalid],
  'a folded field': ['HTTP/1.1 200 OK\r\nX-A: a\r\n b\r\nContent-Length: 2\r\n\r\nok', invalid],
  'a space before a colon': ['HTTP/1.1 200 OK\r\nX-A : b\r\nContent-Length: 2\r\n\r\nok', invalid],
  'NUL in a value': ['HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 2\r\n\r\nok', invalid],
  'a head that is too large': [`HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(70_000)}\r\n\r\n`, invalid],
  'a status below 100': ['HTTP/1.1 099 x\r\nContent-Length: 2\r\n\r\nok', invalid],
  'a switch of protocols that nobody asked for': ['HTTP/1.1 101 Switching Protocols\r\n\r\n', invalid],
  '100 Continue that nobody asked for': ['HTTP/1.1 100 Continue\r\n\r\n', reset],
}
for (const [name, [octets, fault]] of Object.entries(answers)) {
  t.test(`an upstream that answers with ${name} is answered ${fault.status} ${fault.reason}`, async t => {
    await expectFault(t, (await startScriptedUpstream(t, answering(octets))).url, fault)
  })
}

const scripts: Readonly<Record<string, readonly [Parameters<typeof startScriptedUpstream>[1], Fault]>> = {
  'resets before its head': [({ socket }) => void socket.once('data', () => socket.resetAndDestroy()), reset],
  'ends before its head': [({ socket }) => void socket.once('data', () => socket.end()), reset],
  'ends within its head': [
    ({ socket }) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nX-A: ')),
    reset,
  ],
  'resets on connection': [({ socket }) => void socket.resetAndDestroy(), reset],
  'is silent': [() => {}, timeout],
  'stops within its head': [({ socket }) => void socket.write('HTTP/1.1 200 OK\r\nX-A: '), timeout],
  'sends interim answers only': [answering('HTTP/1.1 102 Processing\r\n\r\n'), timeout],
}
for (const [name, [script, fault]] of Object.entries(scripts)) {
  t.test(`an upstream that ${name} is answered ${fault.status} ${fault.reason}, and asked once`, async t => {
    const upstream = await startScriptedUpstream(t, script)
    await expectFault(t, upstream.url, fault, { headersTimeoutMs: 150 })
    await Promise.all(upstream.connections.map(({ closed }) => closed))
    const asked = upstream.connections.map(({ received }) => received().match(/POST/g)?.length ?? 0)
    t.ok(asked.reduce((sum, count) => sum + count, 0) <= 1)
  })
}

for (const status of [502, 503, 504]) {
  const codes: Record<number, string> = {
    502: 'upstream_unavailable',
    503: 'service_unavailable',
    504: 'upstream_timeout',
  }
  for (const [name, head, body] of [
    ['HTML', 'Content-Type: text/html\r\nRetry-After: 0\r\n', '<html>'],
    ['nothing', '', ''],
    ['plain text', 'Content-Type: text/plain\r\n', 'upstream connect error'],
  ] as const) {
    t.test(`${status} with ${name} is replaced by the envelope, with the same status`, async t => {
      const octets = `HTTP/1.1 ${status} Nope\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`
      const answer = await answerTo(t, octets)
      t.equal(answer.status, status)
      t.equal(JSON.parse(answer.body).errors[0].code, codes[status])
      const wait = status === 503 ? '1' : undefined
      t.same([answer.field('content-type'), answer.field('retry-after')], ['application/json', wait])
    })
  }

  t.test(`${status} with HTML keeps its status when its body breaks off or never ends`, async t => {
    const head = `HTTP/1.1 ${status} Nope\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\n<html>`
    for (const then of [(s: { resetAndDestroy(): void }) => s.resetAndDestroy(), () => {}]) {
      const upstream = await startScriptedUpstream(t, answering(head, then))
      const gateway = await startForwarding(t, upstream.url, { bodyTimeoutMs: 150 })
      const answer = await exchangeRaw(t, gateway.url, aRequest({}))
      t.same([answer.status, JSON.parse(answer.body).errors[0].code], [status, codes[status]])
    }
  })

  t.test(`${status} with JSON passes unchanged`, async t => {
    const octets = `HTTP/1.1 ${status} Nope\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}`
    const answer = await answerTo(t, octets)
    t.same([answer.status, answer.reason, answer.body], [status, 'Nope', '{"a":1}'])
  })
}

for (const status of [400, 401, 404, 408, 429, 500, 501, 505, 520]) {
  t.test(`${status} with HTML passes unchanged`, async t => {
    const octets = `HTTP/1.1 ${status} Nope\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>`
    const answer = await answerTo(t, octets)
    t.same([answer.status, answer.reason, answer.body], [status, 'Nope', '<html>'])
  })
}

const cuts: Readonly<Record<string, readonly [string, 'reset' | 'end' | 'silence']>> = {
  'resets within a body of announced length': ['Content-Length: 10\r\n\r\nabc', 'reset'],
  'ends within a body of announced length': ['Content-Length: 10\r\n\r\nabc', 'end'],
  'hangs within a body of announced length': ['Content-Length: 10\r\n\r\nabc', 'silence'],
  'resets within a body in chunks': ['Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', 'reset'],
  'ends within a body in chunks': ['Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', 'end'],
  'hangs within a body in chunks': ['Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', 'silence'],
  'sends a bad chunk': ['Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n', 'silence'],
}
for (const [name, [octets, then]] of Object.entries(cuts)) {
  t.test(`an answer whose upstream ${name} reaches the client as cut`, async t => {
    const upstream = await startScriptedUpstream(t, async ({ socket, until }) => {
      await until('\r\n\r\n')
      socket.write(`HTTP/1.1 200 OK\r\n${octets}`, () => {
        if (then !== 'silence')
          client.socket.once('data', () => (then === 'end' ? socket.end() : socket.resetAndDestroy()))
      })
    })
    const file = logFileIn(t.testdir())
    const gateway = await startForwarding(t, upstream.url, { bodyTimeoutMs: 150 }, { log: file.log })
    const client = await openRaw(t, gateway.url)
    client.send(aRequest({}))
    await t.rejects(client.answer(), /ended within an answer/)
    await (await upstream.connection(0)).closed
    await gateway.stop()
    t.match(file.lines(), [
      { status: 200, reason: /^upstream_(?:reset|invalid|timeout)$/, decision: 'allow', level: 'warn' },
    ])
  })
}

t.test('a body over the limit in chunks is answered 413, and the upstream sees no whole request', async t => {
  const upstream = await startScriptedUpstream(t)
  const file = logFileIn(t.testdir())
  const gateway = await startForwarding(t, upstream.url, { maxBodyBytes: 10 }, { log: file.log })
  const client = await openRaw(t, gateway.url)
  client.send(
    aRequest({
      method: 'POST',
      target: '/api/payments/',
      lines: ['Transfer-Encoding: chunked'],
      body: 'a\r\n0123456789\r\n',
    }),
  )
  const { closed, until, received } = await upstream.connection(0)
  await until('0123456789')
  client.send('1\r\nx\r\n')
  const answer = await client.answer()
  t.same([answer.status, answer.field('connection')], [413, 'close'])
  t.equal(JSON.parse(answer.body).errors[0].code, 'invalid_request')
  await closed
  t.notMatch(received(), /0\r\n\r\n$/)
  client.socket.destroy()
  await gateway.stop()
  t.match(file.lines(), [{ reason: 'body_too_large', status: 413, decision: 'deny', bytes_in: 11 }])
})

t.test('a body of exactly the limit in chunks passes', async t => {
  const upstream = await startScriptedUpstream(t, answering(ok))
  const gateway = await startForwarding(t, upstream.url, { maxBodyBytes: 10 })
  const body = 'a\r\n0123456789\r\n0\r\n\r\n'
  const message = aRequest({ method: 'POST', target: '/api/payments/', lines: ['Transfer-Encoding: chunked'], body })
  t.equal((await exchangeRaw(t, gateway.url, message)).status, 200)
})

t.test('without a limit of the body any body passes', async t => {
  const upstream = await startScriptedUpstream(t, async ({ socket, until }) => {
    await until('last')
    socket.write(ok)
  })
  const gateway = await startForwarding(t, upstream.url, { maxBodyBytes: null })
  t.equal((await exchangeRaw(t, gateway.url, aPost(`${'x'.repeat(3_000_000)}last`))).status, 200)
})

for (const [name, rest] of [
  ['size', 'XYZ\r\n'],
  ['end of a chunk', '3\r\nabcd\r\n'],
  ['bare line feed', '3\nabc\n'],
  ['negative size', '-1\r\n'],
  ['trailer field', '0\r\nX A: b\r\n\r\n'],
] as const) {
  t.test(`a bad ${name} in the middle of a body is answered 400, and the upstream sees no whole request`, async t => {
    const upstream = await startScriptedUpstream(t)
    const file = logFileIn(t.testdir())
    const gateway = await startForwarding(t, upstream.url, {}, { log: file.log })
    const client = await openRaw(t, gateway.url)
    client.send(
      aRequest({
        method: 'POST',
        target: '/api/payments/',
        lines: ['Transfer-Encoding: chunked'],
        body: '5\r\nhello\r\n',
      }),
    )
    const { closed, until, received } = await upstream.connection(0)
    await until('hello')
    client.send(rest)
    const answer = await client.answer()
    t.same([answer.status, answer.field('connection')], [400, 'close'])
    await closed
    t.notMatch(received(), /0\r\n\r\n$/)
    client.socket.destroy()
    await gateway.stop()
    t.match(file.lines(), [{ reason: 'field_invalid', status: 400, decision: 'deny' }])
  })
}

t.test('a client that stalls its upload is cut off, and not counted as a time-out of the upstream', async t => {
  const upstream = await startScriptedUpstream(t)
  const file = logFileIn(t.testdir())
  const gateway = await startForwarding(t, upstream.url, { headersTimeoutMs: 150 }, { log: file.log })
  const client = await openRaw(t, gateway.url)
  client.send(aRequest({ method: 'POST', target: '/api/payments/', lines: ['Content-Length: 10'], body: 'abc' }))
  t.equal(await client.closed, '')
  await (await upstream.connection(0)).closed
  await gateway.stop()
  t.match(file.lines(), [{ status: 499, level: 'info', bytes_in: 3 }])
  t.equal(file.lines()[0]?.reason, undefined)
})

t.test(
  'an upstream that takes a body and then keeps silent is answered 504, although the client is idle, too',
  async t => {
    const upstream = await startScriptedUpstream(t)
    const gateway = await startForwarding(t, upstream.url, { headersTimeoutMs: 150 })
    t.equal((await exchangeRaw(t, gateway.url, aPost('{"a":1}'))).status, 504)
  },
)

t.test('a client that goes away closes the upstream connection at once, while it', async t => {
  const moments = {
    uploads: [
      aRequest({ method: 'POST', target: '/api/payments/', lines: ['Content-Length: 10'], body: 'abc' }),
      'abc',
    ],
    waits: [aRequest({}), '\r\n\r\n'],
    downloads: [aRequest({}), '\r\n\r\n'],
  } as const
  for (const [moment, [message, seen]] of Object.entries(moments)) {
    for (const leave of ['end', 'destroy', 'resetAndDestroy'] as const) {
      t.test(`${moment} (${leave})`, async t => {
        const upstream = await startScriptedUpstream(t)
        const file = logFileIn(t.testdir())
        const gateway = await startForwarding(t, upstream.url, {}, { log: file.log })
        const client = await openRaw(t, gateway.url)
        client.send(message)
        const { socket, until, closed } = await upstream.connection(0)
        await until(seen)
        if (moment === 'downloads') {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')
          await once(client.socket, 'data')
        }
        client.socket[leave]()
        await closed
        await client.closed
        await gateway.stop()
        t.equal(upstream.connections.length, 1, 'no connection is opened in place of the one that was given up')
        t.match(file.lines(), [{ status: 499, decision: 'allow' }])
      })
    }
  }
})

t.test('a hundred clients that hang up leave no upstream connection open', async t => {
  const upstream = await startScriptedUpstream(t)
  const gateway = await startForwarding(t, upstream.url, { connections: 100 })
  const clients = await Promise.all(Array.from({ length: 100 }, () => openRaw(t, gateway.url)))
  for (const { send } of clients) send(aRequest({}))
  const connections = await Promise.all(clients.map((_, index) => upstream.connection(index)))
  await Promise.all(connections.map(({ until }) => until('\r\n\r\n')))
  for (const { socket } of clients) socket.destroy()
  await Promise.all(connections.map(({ closed }) => closed))
  t.equal(upstream.connections.length, 100, 'no connection is opened in place of those that were given up')
})

import { createServer, type IncomingMessage } from 'node:http'
import t from 'tap'
import { guard } from '../../src/hosts/http-proxy.ts'
import { aConfig, aPolicy, aSessionConfig } from '../fixtures/config.ts'
import { aGuardedGate, anAllowed, inChunks, lastChunk } from '../fixtures/guarded.ts'
import { aProxy, startGuardedProxy } from '../fixtures/guarded-proxy.ts'
import { aRequest } from '../fixtures/live-token.ts'
import { exchangeRaw, openRaw } from '../fixtures/raw-connection.ts'
import { listenOnLoopback, startRecorder } from '../fixtures/recorder.ts'
import { answering, startScriptedUpstream } from '../fixtures/scripted-upstream.ts'

const codeOf = (body: string) => JSON.parse(body).errors[0].code
const namesOf = (fields: readonly string[]) =>
  fields.filter((_, index) => index % 2 === 0).map(name => name.toLowerCase())

t.test('an allowed request is forwarded as it was decided about, with the upstream’s own Host', async t => {
  const recorder = await startRecorder(t)
  const { url, story } = await startGuardedProxy(t, recorder.url)
  const lines = [
    'X-User: admin',
    'X-Forwarded-For: 10.0.0.1',
    'Connection: close, X-User',
    'TE: trailers',
    'Expect: 100-continue',
  ]
  const answer = await exchangeRaw(t, url, anAllowed(lines, '', "/api/orders/abc/?q=it's&r=%20"))
  t.same([answer.status, answer.field('connection'), answer.field('keep-alive')], [200, 'close', undefined])
  const { target, fields = [] } = recorder.requests[0] ?? {}
  t.equal(target, "/api/orders/abc/?q=it's&r=%20")
  const names = namesOf(fields)
  t.same(
    ['x-user', 'te', 'expect'].filter(name => names.includes(name)),
    [],
  )
  t.equal(fields[fields.indexOf('Host') + 1], new URL(recorder.url).host)
  t.equal(fields[fields.indexOf('x-forwarded-for') + 1], '127.0.0.1')
  t.match(await story(0), { status: 200, upstreamMs: Number, reason: undefined })
})

for (const method of ['DELETE', 'OPTIONS', 'GET', 'HEAD']) {
  t.test(
    `a body in chunks of ${method} is refused even where the policy lists it, and no second request arrives`,
    async t => {
      const recorder = await startRecorder(t)
      const policy = aPolicy({ scopes: { all: [`${method} /api/payments/{ref}/`] }, grants: { default: ['all'] } })
      const { url, story } = await startGuardedProxy(t, recorder.url, {
        guarded: { gate: await aGuardedGate({ policy }) },
      })
      const message = (inChunks('POST /api/sessions/ HTTP/1.1\r\nHost: a\r\n\r\n') + lastChunk).replace(
        'POST /api/payments/',
        `${method} /api/payments/abc/`,
      )
      const answer = await exchangeRaw(t, url, message, method)
      t.same([answer.status, answer.field('connection'), recorder.connections()], [400, 'close', 0])
      t.match(await story(0), { reason: 'field_invalid' })
      const fine = await exchangeRaw(t, url, anAllowed([], '', '/api/payments/abc/').replace('GET', method), method)
      t.equal(fine.status, 200)
    },
  )
}

t.test('clients that go away leave no connection to the upstream, pipelined ones neither', async t => {
  const recorder = await startRecorder(t, () => {})
  const { url, story } = await startGuardedProxy(t, recorder.url)
  const clients = await Promise.all(Array.from({ length: 5 }, () => openRaw(t, url)))
  for (const client of clients) client.send(anAllowed() + anAllowed())
  while (recorder.requests.length < 10) await new Promise(setImmediate)
  for (const client of clients) client.socket.destroy()
  while (recorder.open() > 0) await new Promise(setImmediate)
  for (let index = 0; index < 10; index++) t.equal((await story(index)).status, 499)
})

t.test('a client that goes away within its body ends the request to the upstream', async t => {
  const upstream = await startScriptedUpstream(t)
  const { url, story } = await startGuardedProxy(t, upstream.url)
  const client = await openRaw(t, url)
  client.send(anAllowed(['Content-Length: 10'], 'half'))
  const connection = await upstream.connection(0)
  await connection.until('half')
  client.socket.destroy()
  await connection.closed
  t.equal((await story(0)).status, 499)
})

t.test('a body in chunks that is too long is answered with 413, and ends the request to the upstream', async t => {
  const upstream = await startScriptedUpstream(t)
  const { url, story } = await startGuardedProxy(t, upstream.url)
  const client = await openRaw(t, url)
  client.send(inChunks('x'.repeat(60)))
  const connection = await upstream.connection(0)
  await connection.until('x'.repeat(60))
  client.send(`29\r\n${'x'.repeat(41)}\r\n`)
  const answer = await client.answer()
  t.same([answer.status, codeOf(answer.body)], [413, 'invalid_request'])
  await connection.closed
  t.notMatch(connection.received(), /\r\n0\r\n\r\n$/, 'half a body does not look whole')
  t.match(await story(0), { reason: 'body_too_large' })
})

t.test('an upstream that ends within its answer does not leave the client waiting', async t => {
  const upstream = await startScriptedUpstream(
    t,
    answering('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', socket => socket.end()),
  )
  const { url, story } = await startGuardedProxy(t, upstream.url)
  const client = await openRaw(t, url)
  client.send(anAllowed())
  t.match(await client.closed, /\r\n\r\nhalf$/)
  t.match(await story(0), { status: 200, reason: 'upstream_reset', errorCode: 'ECONNRESET' })
})

t.test('an upstream that ends before the first octet of its body is answered for with 502', async t => {
  const upstream = await startScriptedUpstream(
    t,
    answering('HTTP/1.1 200 Fine\r\nContent-Length: 10\r\nContent-Encoding: gzip\r\nX-A: 1\r\n\r\n', socket =>
      socket.end(),
    ),
  )
  const { url } = await startGuardedProxy(t, upstream.url)
  const answer = await exchangeRaw(t, url, anAllowed())
  t.same([answer.status, answer.reason, codeOf(answer.body)], [502, 'Bad Gateway', 'upstream_unavailable'])
  t.same([answer.field('x-a'), answer.field('content-encoding')], [undefined, undefined])
})

t.test('an upstream that cannot be reached is answered for with 502, and nobody has to listen for errors', async t => {
  const { url, story } = await startGuardedProxy(t, 'http://127.0.0.1:9')
  const answer = await exchangeRaw(t, url, anAllowed())
  t.same([answer.status, codeOf(answer.body)], [502, 'upstream_unavailable'])
  t.match(await story(0), { reason: 'upstream_unreachable', errorCode: 'ECONNREFUSED' })
})

t.test('an upstream that keeps silent beyond proxyTimeout is answered for with 504', async t => {
  const upstream = await startScriptedUpstream(t)
  const { url, story } = await startGuardedProxy(t, upstream.url, { options: { proxyTimeout: 50 } })
  const answer = await exchangeRaw(t, url, anAllowed())
  t.same([answer.status, codeOf(answer.body)], [504, 'upstream_timeout'])
  t.match(await story(0), { reason: 'upstream_timeout' })
})

for (const [name, octets, status, code] of [
  [
    'a page of the edge',
    'HTTP/1.1 503 Busy\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p/>',
    503,
    'service_unavailable',
  ],
  [
    'a coding that nobody would undo',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    502,
    'upstream_unavailable',
  ],
  [
    'a field that Node would not write',
    'HTTP/1.1 200 OK\r\nX-A: a\x01b\r\nContent-Length: 0\r\n\r\n',
    502,
    'upstream_unavailable',
  ],
  ['a status below 100', 'HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n', 502, 'upstream_unavailable'],
  ['what is no HTTP', 'nonsense\r\n\r\n', 502, 'upstream_unavailable'],
  [
    'an upgrade that nobody asked for',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\nConnection: Upgrade\r\n\r\n',
    502,
    'upstream_unavailable',
  ],
] as const) {
  t.test(`${name} from the upstream is answered for with ${status} in the envelope`, async t => {
    const upstream = await startScriptedUpstream(t, answering(octets))
    const { url } = await startGuardedProxy(t, upstream.url)
    const answer = await exchangeRaw(t, url, anAllowed())
    t.same([answer.status, codeOf(answer.body)], [status, code])
  })
}

t.test('a reason phrase that Node would not write becomes the usual one', async t => {
  const upstream = await startScriptedUpstream(t, answering('HTTP/1.1 200 a\x01b\r\nContent-Length: 0\r\n\r\n'))
  const { url } = await startGuardedProxy(t, upstream.url)
  const answer = await exchangeRaw(t, url, anAllowed())
  t.equal(`${answer.status} ${answer.reason}`, '200 OK')
})

t.test('fields of the upstream’s connection stop; CORS fields and the request id are the guard’s own', async t => {
  const head = [
    'HTTP/1.1 200 OK',
    'Content-Length: 2',
    'Connection: X-Hop',
    'X-Hop: 1',
    'Keep-Alive: timeout=9',
    'Vary: Accept',
  ]
  const own = ['Access-Control-Allow-Origin: *', 'X-Request-Id: theirs', 'Set-Cookie: a=b', 'Set-Cookie: c=d']
  const upstream = await startScriptedUpstream(t, answering(`${[...head, ...own].join('\r\n')}\r\n\r\nok`))
  const gate = await aGuardedGate({ cors: { origins: ['https://shop.example'] } })
  const { url } = await startGuardedProxy(t, upstream.url, { guarded: { gate } })
  const answer = await exchangeRaw(t, url, anAllowed(['Origin: https://shop.example']))
  const values = (name: string) =>
    answer.lines.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value)
  t.same([values('x-hop'), values('vary'), values('set-cookie')], [[], ['Accept, Origin'], ['a=b', 'c=d']])
  t.same(values('access-control-allow-origin'), ['https://shop.example'])
  t.match(values('x-request-id'), [/^[0-9a-f]{32}$/])
  t.same([answer.body, values('connection')], ['ok', ['keep-alive']])
})

t.test('a token that Forage refuses is not asked about again, where Forage is who tells', async t => {
  const body = '{"errors":[{"code":"invalid_token"}]}'
  const upstream = await startScriptedUpstream(
    t,
    answering(`HTTP/1.1 401 No\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
  )
  const config = aConfig(upstream.url, { session: aSessionConfig({ verify: 'upstream' }) })
  const { url, story } = await startGuardedProxy(t, upstream.url, { guarded: { config } })
  const message = aRequest({})
  t.equal((await exchangeRaw(t, url, message)).body, body)
  const again = await exchangeRaw(t, url, message)
  t.same([again.status, codeOf(again.body)], [401, 'invalid_token'])
  t.match(await story(1), { reason: 'token_rejected_upstream' })
})

t.test(
  'no way leads around the guard: the proxy’s own methods and server ask first, and upgrades are refused',
  async t => {
    const recorder = await startRecorder(t)
    const { proxy, guard: forage, url } = await startGuardedProxy(t, recorder.url, { options: { ws: true } })
    t.same(
      [proxy.web, proxy.proxyRequest, proxy.ws, proxy.proxyWebsocketRequest],
      [forage.web, forage.web, forage.ws, forage.ws],
    )
    const direct = await listenOnLoopback(
      t,
      createServer((request, response) => void proxy.web(request, response)),
    )
    t.equal((await exchangeRaw(t, direct, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).status, 401)
    const server = createServer()
    server.on('upgrade', (request, socket) => void proxy.ws(request, socket as never))
    const upgrading = await listenOnLoopback(t, server)
    for (const each of [upgrading, url]) {
      const answer = await exchangeRaw(t, each, anAllowed(['Connection: Upgrade', 'Upgrade: websocket']))
      t.same([answer.status, codeOf(answer.body)], [400, 'invalid_request'])
    }
    t.equal(recorder.connections(), 0)
  },
)

t.test('a body that somebody read before the guard is refused: the upstream would wait for it', async t => {
  const recorder = await startRecorder(t)
  const { guard: forage } = await startGuardedProxy(t, recorder.url)
  const url = await listenOnLoopback(
    t,
    createServer((request, response) => {
      request.resume().once('end', () => forage(request, response))
    }),
  )
  t.equal((await exchangeRaw(t, url, anAllowed(['Content-Length: 2'], '{}'))).status, 500)
  t.equal((await exchangeRaw(t, url, anAllowed())).status, 200)
  t.equal(recorder.requests.length, 1)
})

t.test('a proxy that would forward something else is caught before it goes out', async t => {
  const recorder = await startRecorder(t)
  const { url, proxy, story } = await startGuardedProxy(t, recorder.url)
  const { webPasses } = proxy as never as { readonly webPasses: unknown[] }
  webPasses.unshift((request: IncomingMessage) => {
    request.url = '/api/sessions/'
  })
  const answer = await exchangeRaw(t, url, anAllowed())
  t.equal(answer.status, 500)
  t.match(await story(0), { reason: 'internal_fault' })
  t.same(recorder.requests, [])
})

t.test('a fork without passes, whose web returns a promise and tells errors by an event, is guarded, too', async t => {
  const listeners = new Map<string, (...args: never[]) => void>()
  const given: object[] = []
  const fork = {
    web: async (_request: IncomingMessage, _response: unknown, options?: object) => {
      given.push(options ?? {})
      if (given.length === 1) throw Object.assign(new Error('no'), { code: 'ECONNREFUSED' })
      listeners.get('error')?.(Object.assign(new Error('no'), { code: 'ETIMEDOUT' }) as never, _request as never)
      listeners.get('error')?.(new Error('of nothing') as never)
    },
    ws() {},
    on: (event: string, listener: (...args: never[]) => void) => listeners.set(event, listener),
    options: { target: 'http://127.0.0.1:9' },
  }
  const url = await listenOnLoopback(t, createServer(await guard(fork, { gate: await aGuardedGate() })))
  t.equal((await exchangeRaw(t, url, anAllowed())).status, 502)
  t.equal((await exchangeRaw(t, url, anAllowed())).status, 504)
  t.same(given, [{ prependPath: false }, { prependPath: false }])
})

t.test('options that would undo the decision make no guard, and no call', async t => {
  const gate = await aGuardedGate()
  const target = 'http://127.0.0.1:9'
  for (const [options, sentence] of [
    [{ forward: target }, /forward: would send the session token/],
    [{ followRedirects: true }, /followRedirects/],
    [{ ignorePath: true }, /ignorePath/],
    [{ method: 'GET' }, /method/],
    [{ xfwd: true }, /xfwd/],
    [{ toProxy: true }, /toProxy/],
    [{ selfHandleResponse: true }, /selfHandleResponse/],
    [{ buffer: {} }, /buffer/],
    [{ target: `${target}/base` }, /path \/base/],
    [{ target: new URL(`${target}/?a=b`) }, /path \/\?a=b/],
    [{ target: { host: 'a', path: '/base' } }, /path \/base/],
    [{ headers: { Authorization: 'Bearer a' } }, /headers.Authorization/],
    [{ headers: { 'x-forwarded-for': 'a' } }, /headers.x-forwarded-for/],
  ] as const) {
    await t.rejects(guard(aProxy(t, options), { gate }), { name: 'TypeError', message: sentence })
  }
  for (const options of [
    { target },
    { target: new URL(target), changeOrigin: true },
    { target: 'not a URL' },
    { headers: { Host: 'a', 'X-A': 'b' } },
  ]) {
    await t.resolves(guard(aProxy(t, options), { gate }))
  }
  const forage = await guard(aProxy(t), { gate })
  t.throws(() => forage.web({} as never, {} as never), { message: /has no target/ })
  t.throws(() => forage.web({} as never, {} as never, { target, xfwd: true }), { message: /xfwd/ })
  await forage.close()
})

import { once } from 'node:events'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { createUpstream } from '../../src/forwarding/upstream.ts'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aLiveToken, aPost, aRequest } from '../fixtures/live-token.ts'
import { exchangeRaw, openRaw } from '../fixtures/raw-connection.ts'
import { type Recorded, startRecorder } from '../fixtures/recorder.ts'
import { answering, startScriptedUpstream } from '../fixtures/scripted-upstream.ts'

/** Sends one allowed request and tells what the upstream got. */
async function forwarded(t: Test, message: string, toMethod = 'GET'): Promise<Recorded> {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url)
  const { status } = await exchangeRaw(t, gateway.url, message, toMethod)
  t.equal(status, 200)
  t.equal(recorder.requests.length, 1)
  return recorder.requests[0] as Recorded
}

/** Lines of a recorded request as "name: value", without the ones of the connection and of the gateway. */
function linesOf({ fields }: Recorded): string[] {
  const lines = fields.flatMap((part, index) => (index % 2 === 0 ? [`${part}: ${fields[index + 1]}`] : []))
  return lines.filter(line => !/^(?:host|connection|authorization|x-forwarded-|x-request-id|traceparent)/i.test(line))
}

function valuesOf({ fields }: Recorded, name: string): string[] {
  return fields.filter((_, index) => index % 2 === 1 && fields[index - 1]?.toLowerCase() === name) as string[]
}

for (const target of [
  '/api/orders/abc/',
  '/api/orders/abc',
  '/api/orders/A-b_9/?',
  '/api/orders/abc/?a=1&a=2&&=&b',
  "/api/orders/abc/?q=a+b%20c%C3%A9%2Fd&x[]=1&y=/a//b/../?z&at=@:,!$'()*~",
  '/api/orders/abc/?p=100%25',
  `/api/orders/abc/?q=${'a'.repeat(8192 - 19)}`,
]) {
  t.test(`the target ${target.slice(0, 80)} is forwarded character by character`, async t => {
    t.equal((await forwarded(t, aRequest({ target }))).target, target)
  })
}

t.test('end-to-end fields travel in order and spelling, empty, repeated and latin1 ones included', async t => {
  const lines = [
    'X-KEY:',
    'mErChAnT-aCCount: mid/123ab45c67',
    'API-Version: 2023-05-15',
    'Idempotency-Key: 0a-1',
    'X-Datadog-Trace-Id: 7',
    'X-Twice: b',
    'X-Other: caf\xe9 \xff',
    'X-Twice: a',
    'x-forage-android-sdk-version: 4.5.1',
    'Accept: */*',
    "!#$%&'*+-.^`|~: token characters",
    'constructor: x',
  ]
  const recorded = await forwarded(t, aRequest({ lines }))
  t.same(linesOf(recorded), [...lines.map(line => line.replace(/:$/, ': '))])
})

t.test('surrounding white space of a value is no part of it', async t => {
  t.same(linesOf(await forwarded(t, aRequest({ lines: ['X-A: \t 1 2 \t'] }))), ['X-A: 1 2'])
})

t.test('hop-by-hop fields, claims of proxies and cookies of a client stop at the gateway', async t => {
  const stopped = [
    'Keep-Alive: timeout=5',
    'TE: trailers',
    'Trailer: X-Later',
    'Proxy-Connection: keep-alive',
    'Forwarded: for=6.6.6.6',
    'X-Forwarded: 1',
    'X-Forwarded-Prefix: /admin',
    'X-Forwarded-Anything: 1',
    'x-real-ip: 6.6.6.6',
    'True-Client-IP: 6.6.6.6',
    'X-Original-URL: /o/token/',
    'X-Original-Anything: /o/token/',
    'X-Rewrite-URL: /o/token/',
    'X-HTTP-Method-Override: DELETE',
    'Cookie: theme=dark',
    'tracestate: vendor=1',
  ]
  const recorded = await forwarded(t, aRequest({ lines: [...stopped, 'X-Stays: 1'] }))
  t.same(linesOf(recorded), ['X-Stays: 1'])
})

t.test('a field that Connection nominates stops, in any spelling; the others stay', async t => {
  const lines = ['Connection: keep-alive, X-One', 'connection: x-TWO,,', 'x-one: 1', 'X-Two: 2', 'X-Three: 3']
  t.same(linesOf(await forwarded(t, aRequest({ lines }))), ['X-Three: 3'])
})

t.test("what the gateway says about a request is its own, and a client's claims are gone", async t => {
  const spoofed = [
    'X-Forwarded-For: 6.6.6.6',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: evil.test',
    'X-Request-Id: chosen',
    'traceparent: 00-00000000000000000000000000000000-0000000000000000-01',
  ]
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url)
  const answer = await exchangeRaw(t, gateway.url, aRequest({ lines: spoofed }))
  const recorded = recorder.requests[0] as Recorded
  t.same(valuesOf(recorded, 'x-forwarded-for'), ['127.0.0.1'])
  t.same(valuesOf(recorded, 'x-forwarded-proto'), ['http'])
  t.same(valuesOf(recorded, 'x-forwarded-host'), ['gateway.test'])
  t.same(valuesOf(recorded, 'x-request-id'), [answer.field('x-request-id')])
  t.match(valuesOf(recorded, 'traceparent').join(), /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-00$/)
  t.same(valuesOf(recorded, 'host'), [new URL(recorder.url).host])
})

t.test('a valid trace of the client is continued: its trace id and flags, our span, its state', async t => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const lines = [`traceparent: 00-${trace}-00f067aa0ba902b7-01`, 'tracestate: vendor=1']
  const recorded = await forwarded(t, aRequest({ lines }))
  const [sent = ''] = valuesOf(recorded, 'traceparent')
  t.match(sent, new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`))
  t.notMatch(sent, /00f067aa0ba902b7/)
  t.same(valuesOf(recorded, 'tracestate'), ['vendor=1'])
})

for (const size of [0, 1, 65_535, 65_536, 65_537, 1_048_576]) {
  const body = Array.from({ length: size }, (_, index) => String.fromCharCode(index % 256)).join('')

  t.test(`a body of ${size} octets with Content-Length arrives octet for octet, with the same length`, async t => {
    const recorded = await forwarded(t, aPost(body))
    t.equal(recorded.body.toString('latin1'), body)
    t.same(valuesOf(recorded, 'content-length'), [String(size)])
    t.same(valuesOf(recorded, 'transfer-encoding'), [])
  })

  t.test(`a body of ${size} octets in chunks arrives octet for octet`, async t => {
    const chunks =
      size === 0 ? '' : `1\r\n${body[0]}\r\n${size > 1 ? `${(size - 1).toString(16)};a=b\r\n${body.slice(1)}\r\n` : ''}`
    const message = aRequest({
      method: 'PATCH',
      target: '/api/payments/abc/',
      lines: ['Transfer-Encoding: Chunked'],
      body: `${chunks}0\r\nX-Trailer: 1\r\n\r\n`,
    })
    const recorded = await forwarded(t, message)
    t.equal(recorded.body.toString('latin1'), body)
    // Nothing in chunks may be sent as a length of 0; anything else goes on in chunks.
    if (size > 0) t.same(valuesOf(recorded, 'transfer-encoding'), ['chunked'])
    if (size > 0) t.same(valuesOf(recorded, 'content-length'), [])
  })
}

t.test('a POST without a body and without a length is forwarded as one of length 0', async t => {
  const recorded = await forwarded(t, aRequest({ method: 'POST', target: '/api/payments/abc/capture/' }))
  t.equal(recorded.body.length, 0)
  t.same(valuesOf(recorded, 'content-length'), ['0'])
})

t.test('a GET with a body is forwarded with it, as one request', async t => {
  const smuggled = 'POST /api/payments/abc/refunds/ HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n'
  const message = aRequest({
    lines: ['Transfer-Encoding: chunked'],
    body: `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
  })
  const recorded = await forwarded(t, message)
  t.equal(recorded.body.toString(), smuggled)
})

t.test('Expect: 100-continue is answered by the gateway and does not travel', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url)
  const client = await openRaw(t, gateway.url)
  const [head = ''] = aPost('hello', ['Expect: 100-continue']).split('hello')
  client.send(head)
  await once(client.socket, 'readable')
  client.send('hello')
  const answer = await client.answer()
  t.same([answer.status, answer.interim], [200, [100]])
  t.equal(recorder.requests[0]?.body.toString(), 'hello')
  t.same(valuesOf(recorder.requests[0] as Recorded, 'expect'), [])
})

t.test('a refused request opens no connection to the upstream', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url)
  for (const message of [
    'GET /api/orders/abc/ HTTP/1.1\r\nHost: a\r\n\r\n',
    aRequest({ target: '/o/token/' }),
    aRequest({ method: 'DELETE' }),
    aRequest({ target: '/api/orders/../o/token/' }),
    aRequest({ lines: ['X_Key: 1'] }),
    'garbage\r\n\r\n',
  ]) {
    const { status } = await exchangeRaw(t, gateway.url, message)
    t.ok(status >= 400 && status < 500)
  }
  t.equal(recorder.connections(), 0)
})

t.test('requests one after the other share one connection to the upstream', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url)
  const client = await openRaw(t, gateway.url)
  for (let count = 0; count < 5; count++) {
    client.send(aPost('{}'))
    t.equal((await client.answer()).status, 200)
  }
  t.equal(recorder.connections(), 1)
})

t.test('more requests at a time than connections wait for one, and all are answered', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url, { connections: 2 })
  // Two are served and sixteen may wait: one more could be refused, if it came before the first is done.
  const asked = Array.from({ length: 18 }, () => exchangeRaw(t, gateway.url, aPost('{}')))
  for (const { status } of await Promise.all(asked)) t.equal(status, 200)
  t.ok(recorder.connections() <= 2)
})

t.test('octets that an idle upstream connection sends unasked reach no later client', async t => {
  const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'
  const honest = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
  const upstream = await startScriptedUpstream(
    t,
    answering(honest, socket => socket.write(poison)),
  )
  const gateway = await startForwarding(t, upstream.url, { connections: 1 })
  for (let count = 0; count < 5; count++) {
    const { body } = await exchangeRaw(t, gateway.url, aRequest({}))
    t.equal(body, 'ok')
    await (await upstream.connection(count)).closed
  }
})

t.test('octets glued behind an answer are no answer to the next request', async t => {
  const two = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'
  const upstream = await startScriptedUpstream(t, answering(two))
  const gateway = await startForwarding(t, upstream.url, { connections: 1 })
  for (let count = 0; count < 5; count++) {
    t.equal((await exchangeRaw(t, gateway.url, aRequest({}))).body, 'ok')
  }
})

t.test('an upstream is closed twice without complaint', async t => {
  const upstream = createUpstream({
    origin: 'http://127.0.0.1:9',
    connections: 1,
    connectTimeoutMs: 100,
    headersTimeoutMs: 100,
    bodyTimeoutMs: 100,
    maxBodyBytes: null,
  })
  await upstream.close()
  await upstream.close()
  t.pass('closed')
})

t.test('a refused connection is answered 502, and the upstream is used again as soon as it is back', async t => {
  const recorder = await startRecorder(t)
  const placeholder = createServer().listen(0, '127.0.0.1')
  await once(placeholder, 'listening')
  const { port } = placeholder.address() as { port: number }
  placeholder.close()
  await once(placeholder, 'close')
  const gateway = await startForwarding(t, `http://127.0.0.1:${port}`, { connections: 2 })
  const down = Array.from({ length: 10 }, () => exchangeRaw(t, gateway.url, aPost('{}')))
  for (const { status, body } of await Promise.all(down)) {
    t.equal(status, 502)
    t.equal(JSON.parse(body).errors[0].code, 'upstream_unavailable')
  }
  const back = createServer(socket => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok'))
  back.listen(port, '127.0.0.1')
  t.teardown(() => void back.close())
  await once(back, 'listening')
  t.equal((await exchangeRaw(t, gateway.url, aRequest({}))).status, 200)
  t.equal(recorder.connections(), 0)
})

t.test('a token in the Authorization field reaches the upstream as it was sent', async t => {
  const token = aLiveToken()
  const message = `GET /api/orders/abc/ HTTP/1.1\r\nHost: a\r\naUTHORIZATION: bEARER ${token}\r\n\r\n`
  const { fields } = await forwarded(t, message)
  t.equal(fields[fields.indexOf('aUTHORIZATION') + 1], `bEARER ${token}`)
})

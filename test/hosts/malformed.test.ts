import t, { type Test } from 'tap'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aLiveToken, aRequest } from '../fixtures/live-token.ts'
import { logFileIn } from '../fixtures/log-file.ts'
import { type Answer, openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { answering, startScriptedUpstream } from '../fixtures/scripted-upstream.ts'

const authorization = `Authorization: Bearer ${aLiveToken()}`
/** What an attacker wants to be taken for a second request. */
const smuggled = aRequest({ method: 'POST', target: '/api/payments/smuggled/capture/' })

function expectEnvelope(t: Test, answer: Answer): void {
  t.equal(answer.field('content-type'), 'application/json')
  t.match(answer.field('x-request-id'), /^[0-9a-f]{32}$/)
  const { errors } = JSON.parse(answer.body)
  t.equal(errors.length, 1)
  t.equal(errors[0].source.ref, '')
}

/** A request line and field lines, with an Authorization and the end of the head. */
function head(line: string, ...fields: string[]): string {
  return `${[line, authorization, ...fields].join('\r\n')}\r\n\r\n`
}
const post = 'POST /api/payments/ HTTP/1.1'
const get = 'GET /api/orders/abc/ HTTP/1.1'
const host = 'Host: a'
const chunked = 'Transfer-Encoding: chunked'

type Row = readonly [name: string, message: string, status: number]

/** Framing is in doubt: one answer, the end of the connection, and nothing of it reaches the upstream. */
const doubtful: readonly Row[] = [
  ['both framing fields', `${head(post, host, 'Content-Length: 5', chunked)}0\r\n\r\n`, 400],
  ['both framing fields the other way round', `${head(post, host, chunked, 'Content-Length: 5')}0\r\n\r\n`, 400],
  ['two equal lengths', `${head(post, host, 'Content-Length: 5', 'Content-Length: 5')}hello`, 400],
  ['two lengths', `${head(post, host, 'Content-Length: 5', 'Content-Length: 0')}hello`, 400],
  ['a list of lengths', `${head(post, host, 'Content-Length: 5,5')}hello`, 400],
  ['a list of lengths with a space', `${head(post, host, 'Content-Length: 5, 5')}hello`, 400],
  ['a length with a plus sign', `${head(post, host, 'Content-Length: +5')}hello`, 400],
  ['a negative length', head(post, host, 'Content-Length: -1'), 400],
  ['a hexadecimal length', `${head(post, host, 'Content-Length: 0x5')}hello`, 400],
  ['a length with a space within', head(post, host, 'Content-Length: 5 5'), 400],
  ['a length with letters', head(post, host, 'Content-Length: 5e0'), 400],
  ['an empty length', head(post, host, 'Content-Length:'), 400],
  ['a length beyond all numbers', head(post, host, `Content-Length: ${'9'.repeat(30)}`), 400],
  ['a bare line feed after the request line', `${get}\n${host}\r\n${authorization}\r\n\r\n`, 400],
  ['a bare line feed after a field', `${get}\r\n${host}\n${authorization}\r\n\r\n`, 400],
  ['bare line feeds at the end of the head', `${get}\r\n${host}\r\n${authorization}\n\n`, 400],
  ['a bare carriage return in a value', head(get, host, 'X-A: a\rb'), 400],
  ['a folded field', head(get, host, 'X-A: a\r\n b'), 400],
  ['a folded length', `${head(post, host, 'X-A: a\r\n\tContent-Length: 5')}hello`, 400],
  ['NUL in a value', head(get, host, 'X-A: a\0b'), 400],
  ['NUL in a name', head(get, host, 'X\0A: b'), 400],
  ['a control character in a value', head(get, host, 'X-A: a\x01b'), 400],
  ['a space before a colon', head(post, host, 'Content-Length : 5'), 400],
  ['a tab before a colon', head(post, host, 'Transfer-Encoding\t: chunked'), 400],
  ['a line without a colon', head(get, host, 'X-A'), 400],
  ['a line with an empty name', head(get, host, ': a'), 400],
  ['white space before the first field', `${get}\r\n ${host}\r\n${authorization}\r\n\r\n`, 400],
  ['gzip before chunked', `${head(post, host, 'Transfer-Encoding: gzip, chunked')}0\r\n\r\n`, 400],
  ['chunked before gzip', `${head(post, host, 'Transfer-Encoding: chunked, gzip')}0\r\n\r\n`, 400],
  ['chunked twice', `${head(post, host, 'Transfer-Encoding: chunked, chunked')}0\r\n\r\n`, 400],
  ['two lines of chunked', `${head(post, host, chunked, chunked)}0\r\n\r\n`, 400],
  ['chunked and a comma', `${head(post, host, 'Transfer-Encoding: chunked,')}0\r\n\r\n`, 400],
  ['a comma and chunked', `${head(post, host, 'Transfer-Encoding: ,chunked')}0\r\n\r\n`, 400],
  ['xchunked', `${head(post, host, 'Transfer-Encoding: xchunked')}0\r\n\r\n`, 400],
  ['chunked with a parameter', `${head(post, host, 'Transfer-Encoding: chunked;a=b')}0\r\n\r\n`, 400],
  ['identity', head(post, host, 'Transfer-Encoding: identity'), 400],
  ['an empty Transfer-Encoding', head(post, host, 'Transfer-Encoding:'), 400],
  ['chunked in quotes', `${head(post, host, 'Transfer-Encoding: "chunked"')}0\r\n\r\n`, 400],
  ['chunked behind a vertical tab', `${head(post, host, 'Transfer-Encoding: \x0bchunked')}0\r\n\r\n`, 400],
  ['chunked in HTTP/1.0', `${head('POST /api/payments/ HTTP/1.0', host, chunked)}0\r\n\r\n`, 400],
  ['HTTP/0.9', 'GET /api/orders/abc/\r\n\r\n', 400],
  ['HTTP/0.9 with fields', head('GET /api/orders/abc/', host), 400],
  ['HTTP/0.9 by name', head('GET /api/orders/abc/ HTTP/0.9', host), 400],
  ['HTTP/2.0 in text', head('GET /api/orders/abc/ HTTP/2.0', host), 400],
  ['HTTP/1.2', head('GET /api/orders/abc/ HTTP/1.2', host), 400],
  ['HTTP/11.1', head('GET /api/orders/abc/ HTTP/11.1', host), 400],
  ['http/1.1 in lower case', head('GET /api/orders/abc/ http/1.1', host), 400],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['a space in the target', head('GET /api/orders/a bc/ HTTP/1.1', host), 400],
  ['a tab in the request line', head('GET\t/api/orders/abc/ HTTP/1.1', host), 400],
  ['a method that nobody knows', head('GETT /api/orders/abc/ HTTP/1.1', host), 400],
  ['a method in lower case', head('get /api/orders/abc/ HTTP/1.1', host), 400],
  ['CONNECT', head('CONNECT evil.test:443 HTTP/1.1', host), 400],
  [
    'an upgrade to h2c',
    head(get, host, 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'),
    400,
  ],
  ['an upgrade to websocket', head(get, host, 'Connection: upgrade', 'Upgrade: websocket'), 400],
  ['Connection: upgrade alone', head(get, host, 'Connection: upgrade'), 400],
  ['TRACE', head('TRACE /api/orders/abc/ HTTP/1.1', host), 400],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['a head that is too large', head(get, host, `X-A: ${'a'.repeat(60_000)}`), 431],
  ['a target that is much too long', head(`GET /api/orders/abc/?${'a'.repeat(60_000)} HTTP/1.1`, host), 414],
]

for (const [name, message, status] of doubtful) {
  t.test(`a message with ${name} is answered ${status} by the envelope, and the connection ends`, async t => {
    const recorder = await startRecorder(t)
    const file = logFileIn(t.testdir())
    const gateway = await startForwarding(t, recorder.url, {}, { log: file.log })
    const client = await openRaw(t, gateway.url)
    client.send(message + smuggled)
    const answer = await client.answer()
    t.equal(answer.status, status)
    t.equal(answer.field('connection'), 'close')
    expectEnvelope(t, answer)
    t.equal(await client.closed, '', 'there is no second answer')
    t.equal(recorder.connections(), 0)
    await gateway.stop()
    t.match(file.lines(), [{ status, decision: 'deny', request_id: answer.field('x-request-id') }])
  })
}

/** Framing is clear: the refusal is about what the message says, and the next request on the connection is served. */
const clear: readonly Row[] = [
  ['no Host', head(get), 400],
  ['two Host lines', head(get, host, 'Host: b'), 400],
  ['two equal Host lines', head(get, host, host), 400],
  ['an empty Host', head(get, 'Host:'), 400],
  ['a Host with a path', head(get, 'Host: a/b'), 400],
  ['a Host with credentials', head(get, 'Host: user@a'), 400],
  ['a Host with a list', head(get, 'Host: a, b'), 400],
  ['a Host with a port that is none', head(get, 'Host: a:http'), 400],
  ['an absolute target', head('GET http://evil.test/api/orders/abc/ HTTP/1.1', host), 400],
  ['a target of another host', head('GET //evil.test/api/orders/abc/ HTTP/1.1', host), 400],
  ['the target *', head('OPTIONS * HTTP/1.1', host), 400],
  ['a fragment', head('GET /api/orders/abc/#a HTTP/1.1', host), 400],
  ['an underscore in a name', head(get, host, 'X_Key: a'), 400],
  ['Connection that nominates Authorization', head(get, host, 'Connection: authorization'), 400],
  ['Connection that nominates a field of the gateway', head(get, host, 'Connection: X-Forwarded-For'), 400],
  ['129 field lines', head(get, host, ...Array.from({ length: 127 }, (_, index) => `X-${index}: a`)), 431],
  ['2100 field lines', head(get, host, ...Array.from({ length: 2098 }, () => 'A:')), 431],
  [
    'fields over the limit by one octet',
    head(get, host, `X-A: ${'a'.repeat(16_385 - 9 - authorization.length - 2 - 7)}`),
    431,
  ],
  ['a target over the limit by one character', head(`GET /${'a'.repeat(8192)} HTTP/1.1`, host), 414],
]

for (const [name, message, status] of clear) {
  t.test(`a request with ${name} is answered ${status} by the envelope, and the next one is served`, async t => {
    const recorder = await startRecorder(t)
    const gateway = await startForwarding(t, recorder.url)
    const client = await openRaw(t, gateway.url)
    client.send(message + aRequest({ target: '/api/orders/next/' }))
    const answer = await client.answer()
    t.equal(answer.status, status)
    expectEnvelope(t, answer)
    t.equal((await client.answer()).status, 200)
    t.same(
      recorder.requests.map(({ target }) => target),
      ['/api/orders/next/'],
    )
  })
}

const fits: readonly (readonly [string, string])[] = [
  ['128 field lines', head(get, host, ...Array.from({ length: 126 }, (_, index) => `X-${index}: a`))],
  ['fields of exactly the limit', head(get, host, `X-A: ${'a'.repeat(16_384 - 9 - authorization.length - 2 - 7)}`)],
  ['two spaces before its target, which goes on behind one', head('GET  /api/orders/abc/ HTTP/1.1', host)],
  ['empty lines before it', `\r\n\r\n${head(get, host)}`],
  ['HTTP/1.0', head('GET /api/orders/abc/ HTTP/1.0', host)],
  ['extensions of chunks', `${head(post, host, chunked)}2;a="b";c\r\nok\r\n0;d\r\n\r\n`],
]
for (const [name, message] of fits) {
  t.test(`a request with ${name} is served`, async t => {
    const upstream = await startScriptedUpstream(t, answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'))
    const gateway = await startForwarding(t, upstream.url)
    const client = await openRaw(t, gateway.url)
    client.send(message)
    const received = await Promise.race([client.answer().then(({ status }) => `HTTP/1.1 ${status}`), client.closed])
    t.match(received, /^HTTP\/1\.1 200/)
    t.match(upstream.connections[0]?.received(), /^(?:GET \/api\/orders\/abc\/|POST \/api\/payments\/) HTTP\/1\.1\r\n/)
  })
}

for (const [name, message] of [
  ['nothing', ''],
  ['half a request line', 'GET /api/orders/abc/ HT'],
  ['half a head', `${get}\r\nHost: a\r\nAuthor`],
] as const) {
  t.test(`a client that sends ${name} and ends is not answered, and its connection ends`, async t => {
    const recorder = await startRecorder(t)
    const gateway = await startForwarding(t, recorder.url)
    const client = await openRaw(t, gateway.url)
    client.socket.end(message)
    t.equal(await client.closed, '')
    t.equal(recorder.connections(), 0)
  })
}

t.test('a malformed message behind a request in flight is answered after it, in order', async t => {
  const release: (() => void)[] = []
  const recorder = await startRecorder(t, (_request, response) => {
    release.push(() => void response.end('first'))
    if (release.length === 2) for (const each of release.toReversed()) each()
  })
  const gateway = await startForwarding(t, recorder.url)
  const client = await openRaw(t, gateway.url)
  client.send(`${aRequest({})}${aRequest({})}garbage garbage\r\n\r\n`)
  t.equal((await client.answer()).body, 'first')
  t.equal((await client.answer()).body, 'first')
  const refused = await client.answer()
  t.same([refused.status, refused.field('connection')], [400, 'close'])
  expectEnvelope(t, refused)
  t.equal(await client.closed, '')
})

import t, { type Test } from 'tap'
import type { UpstreamFault } from '../../src/forwarding/faults.ts'
import { type FailedAttempt, type FailedRequest, isRepeatable, mayRetry } from '../../src/forwarding/retry.ts'
import { type ForwardingServer, startForwardingServer } from '../fixtures/forwarding-server.ts'
import { openRaw, type RawConnection } from '../fixtures/raw-connection.ts'
import { type ScriptedUpstream, startScriptedUpstream, type UpstreamConnection } from '../fixtures/scripted-upstream.ts'

const lostIdle: FailedAttempt = { fault: 'upstream_reset', isUnsent: false, isReused: true, hasAnswerBegun: false }
const unsent: FailedAttempt = { fault: 'upstream_unreachable', isUnsent: true, isReused: false, hasAnswerBegun: false }
const get: FailedRequest = { method: 'GET', hasIdempotencyKey: false, isBodyInHand: true }

const rows: readonly [string, Partial<FailedAttempt>, Partial<FailedRequest>, boolean][] = [
  ['a GET whose idle connection was reset', {}, {}, true],
  ['a HEAD whose idle connection was reset', {}, { method: 'HEAD' }, true],
  ['a GET with a body that is gone', {}, { isBodyInHand: false }, false],
  ['a GET on a fresh connection', { isReused: false }, {}, false],
  ['a GET whose answer had begun', { hasAnswerBegun: true }, {}, false],
  ['a POST', {}, { method: 'POST' }, false],
  ['a PATCH', {}, { method: 'PATCH' }, false],
  ['a PUT', {}, { method: 'PUT' }, false],
  ['a DELETE', {}, { method: 'DELETE' }, false],
  ['a method in lower case', {}, { method: 'get' }, false],
  ['a POST with a key', {}, { method: 'POST', hasIdempotencyKey: true }, true],
  ['a POST with a key whose body is gone', {}, { method: 'POST', hasIdempotencyKey: true, isBodyInHand: false }, false],
  ['a POST with a key on a fresh connection', { isReused: false }, { method: 'POST', hasIdempotencyKey: true }, false],
]
for (const [name, attempt, request, expected] of rows) {
  t.test(`${name} is ${expected ? '' : 'not '}sent again`, async t => {
    t.equal(mayRetry({ ...lostIdle, ...attempt }, { ...get, ...request }), expected)
  })
}

for (const fault of ['upstream_timeout', 'upstream_invalid', 'upstream_unreachable', 'internal_fault'] as const) {
  t.test(`a request that was sent and failed by ${fault} is not sent again`, async t => {
    t.notOk(mayRetry({ ...lostIdle, fault }, get))
  })
}

const unsentFaults: readonly [UpstreamFault, boolean][] = [
  ['upstream_unreachable', true],
  ['upstream_timeout', true],
  ['upstream_reset', true],
  ['upstream_invalid', true],
  ['internal_fault', false],
]
for (const [fault, expected] of unsentFaults) {
  t.test(`any request that was not sent at all because of ${fault} is ${expected ? '' : 'not '}sent again`, async t => {
    const request = { method: 'POST', hasIdempotencyKey: false, isBodyInHand: false }
    t.equal(mayRetry({ ...unsent, fault }, request), expected)
  })
}

t.test('only GET, HEAD and what carries a key may be repeated', async t => {
  t.ok(isRepeatable({ method: 'GET', hasIdempotencyKey: false }))
  t.ok(isRepeatable({ method: 'PATCH', hasIdempotencyKey: true }))
  t.notOk(isRepeatable({ method: 'OPTIONS', hasIdempotencyKey: false }))
})

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const warmUp = 'GET /warm-up HTTP/1.1\r\nHost: a\r\n\r\n'

interface Line {
  readonly upstream: ScriptedUpstream
  readonly server: ForwardingServer
  readonly client: RawConnection
}

/**
 * A client whose connection to the upstream has carried an answer and is idle. The first request on it is met by `end`,
 * and so is the first one of every later connection that `again` says.
 */
async function reusedLine(
  t: Test,
  end: (connection: UpstreamConnection) => void,
  options: { readonly until?: string; readonly untilAgain?: string; readonly again?: boolean } = {},
): Promise<Line> {
  const { until = '\r\n\r\n', untilAgain = until, again = false } = options
  const upstream = await startScriptedUpstream(t, async (connection, index) => {
    const { socket, received } = connection
    if (index > 0 && !again) {
      await connection.until(untilAgain)
      socket.write(ok)
      return
    }
    if (index === 0) {
      await connection.until('\r\n\r\n')
      socket.write(ok)
    }
    const seen = received().length
    socket.on('data', () => {
      if (received().slice(seen).includes(until)) end(connection)
    })
  })
  const server = await startForwardingServer(t, upstream.url, { connections: 1 })
  const client = await openRaw(t, server.url)
  client.send(warmUp)
  await client.answer()
  return { upstream, server, client }
}

const post = (lines: readonly string[], body: string) =>
  `POST /a HTTP/1.1\r\nHost: a\r\n${lines.map(line => `${line}\r\n`).join('')}\r\n${body}`
const key = 'Idempotency-Key: 7'
const atLimit = 'x'.repeat(64 * 1024 - 1)

const ends: Readonly<Record<string, (connection: UpstreamConnection) => void>> = {
  'is reset': ({ socket }) => void socket.resetAndDestroy(),
  ends: ({ socket }) => void socket.end(),
}
const retried: Readonly<Record<string, readonly [message: string, until: string, untilAgain?: string]>> = {
  'a GET': ['GET /a HTTP/1.1\r\nHost: a\r\n\r\n', 'GET /a'],
  'a POST with a key': [post([key, 'Content-Length: 2'], '{}'), '{}'],
  'a POST with a key and no body': [post([key, 'Content-Length: 0'], ''), 'POST /a'],
  'a POST with a key and 64 KiB': [post([key, 'Content-Length: 65536'], `${atLimit}!`), '!'],
  'a POST with a key and 64 KiB in chunks': [
    post([key, 'Transfer-Encoding: chunked'], `ffff\r\n${atLimit}\r\n1\r\n!\r\n0\r\n\r\n`),
    '0\r\n\r\n',
    '!',
  ],
}
for (const [how, end] of Object.entries(ends)) {
  for (const [name, [message, until, untilAgain = until]] of Object.entries(retried)) {
    t.test(`${name} whose idle connection ${how} is sent again, and answered`, async t => {
      const { upstream, server, client } = await reusedLine(t, end, { until, untilAgain })
      client.send(message)
      t.equal((await client.answer()).status, 200)
      t.match(server.outcomes[1], { end: 'complete', retries: 1, reason: undefined })
      t.equal(upstream.connections.length, 2)
      const [first, second] = upstream.connections.map(({ received }) => bodyOf(received()))
      t.equal(first, second, 'octet for octet')
    })
  }
}

/** The last request's body, its chunks put together. */
function bodyOf(text: string): string {
  const start = text.lastIndexOf('HTTP/1.1\r\n')
  const body = text.slice(text.indexOf('\r\n\r\n', start) + 4)
  if (!/transfer-encoding: chunked/i.test(text.slice(start))) return body
  return body.replace(/(?:^|\r\n)[0-9a-f]+\r\n/g, '').replace(/\r\n$/, '')
}

const onceOnly: Readonly<Record<string, readonly [message: string, until: string]>> = {
  'a POST without a key': [post(['Content-Length: 2'], '{}'), '{}'],
  'a POST with an empty key': [post(['Idempotency-Key: ', 'Content-Length: 2'], '{}'), '{}'],
  'a PATCH without a key': [post(['Content-Length: 2'], '{}').replace('POST', 'PATCH'), '{}'],
  'a DELETE without a key': ['DELETE /a HTTP/1.1\r\nHost: a\r\n\r\n', 'DELETE /a'],
  'a POST with a key and more than 64 KiB': [post([key, 'Content-Length: 65537'], `${atLimit}x!`), '!'],
  'a POST with a key whose body is still on its way': [post([key, 'Content-Length: 9'], '{}'), '{}'],
}
for (const [name, [message, until]] of Object.entries(onceOnly)) {
  t.test(`${name} whose idle connection is reset is not sent again`, async t => {
    const { upstream, server, client } = await reusedLine(t, ({ socket }) => socket.resetAndDestroy(), { until })
    client.send(message)
    const answer = await client.answer()
    t.same([answer.status, answer.field('x-reason')], [502, 'upstream_reset'])
    t.match(server.outcomes[1], { end: 'refused', retries: 0 })
    t.equal(upstream.connections.length, 1)
  })
}

for (const [name, octets] of [
  ['a part of an answer', 'HTT'],
  ['an interim answer', 'HTTP/1.1 102 Processing\r\n\r\n'],
] as const) {
  t.test(`a GET is not sent again after ${name}`, async t => {
    const { upstream, server, client } = await reusedLine(t, ({ socket }) => socket.end(octets))
    client.send('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
    t.equal((await client.answer()).status, 502)
    t.match(server.outcomes[1], { end: 'refused', retries: 0, reason: 'upstream_reset' })
    t.equal(upstream.connections.length, 1)
  })
}

t.test('a GET whose fresh connection is reset is not sent again', async t => {
  const upstream = await startScriptedUpstream(t, ({ socket }) => {
    socket.once('data', () => socket.resetAndDestroy())
  })
  const server = await startForwardingServer(t, upstream.url)
  const client = await openRaw(t, server.url)
  client.send(warmUp)
  t.equal((await client.answer()).status, 502)
  t.match(server.outcomes, [{ retries: 0, reason: 'upstream_reset' }])
  t.equal(upstream.connections.length, 1)
})

t.test('a request is sent twice at most', async t => {
  const end = ({ socket }: UpstreamConnection) => void socket.resetAndDestroy()
  const { upstream, server, client } = await reusedLine(t, end, { again: true })
  client.send('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
  t.equal((await client.answer()).status, 502)
  t.match(server.outcomes[1], { end: 'refused', retries: 1, reason: 'upstream_reset' })
  t.equal(upstream.connections.length, 2)
})

t.test('a request of any kind is tried again when there was no connection, and its body is still whole', async t => {
  let isDown = true
  const upstream = await startScriptedUpstream(t, async ({ socket, until }) => {
    await until('!')
    socket.write(ok)
  })
  const server = await startForwardingServer(t, upstream.url, {
    lookup(_name, _options, callback) {
      const error = isDown ? Object.assign(new Error('down'), { code: 'ENOTFOUND' }) : null
      isDown = false
      callback(error, [{ address: '127.0.0.1', family: 4 }])
    },
    origin: upstream.url.replace('127.0.0.1', 'upstream.test'),
  })
  const client = await openRaw(t, server.url)
  client.send(post(['Content-Length: 100000'], `${'x'.repeat(99_999)}!`))
  t.equal((await client.answer()).status, 200)
  t.match(server.outcomes, [{ end: 'complete', retries: 1, bytesIn: 100_000 }])
  t.equal(upstream.connections[0]?.received().split('\r\n\r\n')[1], `${'x'.repeat(99_999)}!`)
})

t.test('an upstream that cannot be reached is tried twice, and the request is refused', async t => {
  const server = await startForwardingServer(t, 'http://127.0.0.1:9')
  const client = await openRaw(t, server.url)
  client.send(post(['Content-Length: 2'], '{}'))
  const answer = await client.answer()
  t.same([answer.status, answer.field('x-reason')], [502, 'upstream_unreachable'])
  t.match(server.outcomes, [{ end: 'refused', retries: 1, errorCode: 'ECONNREFUSED' }])
})

t.test('what undici refuses itself is a fault of ours and not tried again', async t => {
  const upstream = await startScriptedUpstream(t)
  const server = await startForwardingServer(t, upstream.url, { connections: 1 })
  const client = await openRaw(t, server.url)
  client.send('GET /a HTTP/1.1\r\nHost: a\r\nKeep-Alive: timeout=5\r\n\r\n')
  t.equal((await client.answer()).field('x-reason'), 'internal_fault')
  t.match(server.outcomes, [{ retries: 0, errorCode: 'UND_ERR_INVALID_ARG' }])
})

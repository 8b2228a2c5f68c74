import { once } from 'node:events'
import t from 'tap'
import type { IssueSessionToken } from '../../src/hosts/issue-visit.ts'
import { startIssuing } from '../fixtures/issuing-listener.ts'
import { exchangeRaw, openRaw } from '../fixtures/raw-connection.ts'

const expiresAt = 1_800_000_900
const issued: IssueSessionToken = async () => ({
  token: 'sandbox_a.b.c',
  expiresAt,
  useCase: 'balance',
  customer: 'k1',
})

function aCall(body = '', lines: readonly string[] = [], target = '/session_token'): string {
  const length = lines.some(line => /^(?:content-length|transfer-encoding)/i.test(line))
    ? []
    : [`Content-Length: ${body.length}`]
  const head = [`POST ${target} HTTP/1.1`, 'Host: pay.shop.example', 'Authorization: Bearer key', ...lines, ...length]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

t.test('a caller gets the token and the moment of its end, and nobody may keep the answer', async t => {
  const { url, calls, stories } = await startIssuing(t, issued)
  const body = '{"use_case":"balance"}'
  const answer = await exchangeRaw(
    t,
    url,
    aCall(body, ['Content-Type: application/json', 'Origin: https://shop.example']),
  )
  t.equal(answer.status, 200)
  t.same(JSON.parse(answer.body), { token: 'sandbox_a.b.c', expires_at: '2027-01-15T08:15:00.000Z' })
  t.equal(answer.field('cache-control'), 'no-store')
  t.equal(answer.field('content-type'), 'application/json')
  t.equal(answer.field('access-control-allow-origin'), 'https://shop.example')
  t.match(answer.field('x-request-id'), /^[0-9a-f]{32}$/)
  t.same(
    calls.map(call => ({ ...call, body: Buffer.from(call.body).toString() })),
    [{ credentials: 'key', contentType: 'application/json', body, clientAddress: '127.0.0.1' }],
  )
  t.match(stories, [{ status: 200, useCase: 'balance', customer: 'k1', bytesIn: 22, reason: undefined }])
  t.notMatch(JSON.stringify(stories), 'sandbox_a.b.c')
})

for (const [how, message, body] of [
  ['no body and no length', aCall('', ['Content-Length: 0']).replace('Content-Length: 0\r\n', ''), ''],
  ['an empty body', aCall(''), ''],
  ['chunks', aCall('2\r\n{}\r\n0\r\n\r\n', ['Transfer-Encoding: chunked']), '{}'],
  ['4096 octets', aCall(`{${' '.repeat(4094)}}`), `{${' '.repeat(4094)}}`],
] as const) {
  t.test(`a call with ${how} reaches whoever issues, and the connection is kept`, async t => {
    const { url, calls } = await startIssuing(t, issued)
    const client = await openRaw(t, url)
    for (const _ of [1, 2]) {
      client.send(message)
      t.equal((await client.answer()).status, 200)
    }
    t.same(
      calls.map(call => Buffer.from(call.body).toString()),
      [body, body],
    )
  })
}

for (const [how, message] of [
  ['announces 4097 octets', aCall('x'.repeat(4097))],
  ['sends 4097 octets in chunks', aCall(`1001\r\n${'x'.repeat(4097)}\r\n0\r\n\r\n`, ['Transfer-Encoding: chunked'])],
] as const) {
  t.test(`a call that ${how} is refused with 413, and nobody is asked`, async t => {
    const { url, calls, stories } = await startIssuing(t, issued)
    const answer = await exchangeRaw(t, url, message)
    t.same([answer.status, JSON.parse(answer.body).errors[0].code], [413, 'invalid_request'])
    t.same(calls, [])
    t.match(stories, [{ reason: 'body_too_large' }])
  })
}

t.test('a call whose body breaks its framing is refused with 400 and the end of the connection', async t => {
  const { url, calls } = await startIssuing(t, issued)
  const client = await openRaw(t, url)
  client.send(aCall('1\r\n{\r\nXX\r\n', ['Transfer-Encoding: chunked']))
  const answer = await client.answer()
  t.same([answer.status, answer.field('connection')], [400, 'close'])
  await client.closed
  t.same(calls, [])
})

t.test('a call that is whole is answered, whatever nonsense comes behind it', async t => {
  const { url } = await startIssuing(t, issued)
  const client = await openRaw(t, url)
  client.send(`${aCall('{}')}nonsense\r\n\r\n`)
  t.equal((await client.answer()).status, 200)
  t.equal((await client.answer()).status, 400)
  await client.closed
})

t.test('a client that waits for 100 Continue gets it, and then its token', async t => {
  const { url } = await startIssuing(t, issued)
  const client = await openRaw(t, url)
  client.send(aCall('', ['Expect: 100-continue', 'Content-Length: 2']))
  await once(client.socket, 'data')
  client.send('{}')
  const answer = await client.answer()
  t.same([answer.status, answer.interim], [200, [100]])
})

t.test('a client that leaves within its body is logged as gone, and nobody is asked', async t => {
  const { url, server, calls, stories } = await startIssuing(t, issued)
  const client = await openRaw(t, url)
  client.send(aCall('{', ['Content-Length: 2']))
  const [, response] = await once(server, 'request')
  client.socket.destroy()
  await once(response, 'close')
  await new Promise(setImmediate)
  t.same(calls, [])
  t.match(stories, [{ status: 499 }])
})

t.test('a client that stops within its body is cut off after the time for bodies', async t => {
  const { url, server, calls, stories } = await startIssuing(t, issued, 50)
  const client = await openRaw(t, url)
  client.send(aCall('{', ['Content-Length: 2']))
  const [, response] = await once(server, 'request')
  await once(response, 'close')
  t.equal(await client.closed, '')
  t.same(calls, [])
  t.match(stories, [{ status: 499 }])
})

t.test('a client that leaves while its token is obtained is logged as gone', async t => {
  let leave = () => {}
  const { url, server, stories } = await startIssuing(t, async call => {
    leave()
    await once(response, 'close')
    return issued(call)
  })
  const client = await openRaw(t, url)
  leave = () => client.socket.destroy()
  client.send(aCall('{'))
  const [, response] = await once(server, 'request')
  await once(response, 'close')
  await new Promise(setImmediate)
  t.match(stories, [{ status: 499, useCase: 'balance' }])
})

t.test('a refusal has its status, its code, and the wait that is worth it', async t => {
  const { url, stories } = await startIssuing(t, async () => ({
    reason: 'rate_limited',
    retryAfterSec: 11.2,
    customer: 'k1',
  }))
  const answer = await exchangeRaw(t, url, aCall())
  t.same(
    [answer.status, JSON.parse(answer.body).errors[0].code, answer.field('retry-after')],
    [429, 'too_many_requests', '12'],
  )
  t.match(stories, [{ status: 429, reason: 'rate_limited', customer: 'k1' }])
})

t.test('a refusal may be put in other words, and is logged with the error code of the way to Forage', async t => {
  const { url, stories } = await startIssuing(t, async () => ({
    reason: 'upstream_unreachable',
    errorCode: 'ECONNREFUSED',
    message: 'In other words.',
  }))
  const answer = await exchangeRaw(t, url, aCall())
  t.equal(answer.status, 502)
  t.match(JSON.parse(answer.body).errors, [{ code: 'upstream_unavailable', message: 'In other words.' }])
  t.match(stories, [{ status: 502, reason: 'upstream_unreachable', errorCode: 'ECONNREFUSED' }])
  t.notMatch(JSON.stringify(stories), 'In other words')
})

t.test('a fault of whoever issues is a 500 for that call alone', async t => {
  let isBroken = true
  const { url, faults } = await startIssuing(t, async call => {
    if (!isBroken) return issued(call)
    isBroken = false
    throw new Error('broken')
  })
  const answer = await exchangeRaw(t, url, aCall())
  t.same([answer.status, JSON.parse(answer.body).errors[0].code], [500, 'server_error'])
  t.match(faults, [{ message: 'broken' }])
  t.equal((await exchangeRaw(t, url, aCall())).status, 200)
})

t.test('pipelined calls are answered in their order, each with its own token', async t => {
  const { url } = await startIssuing(t, async ({ body }) => ({ token: `sandbox_${body.length}.b.c`, expiresAt }))
  const client = await openRaw(t, url)
  client.send(aCall('{}') + aCall('') + aCall('{ }'))
  for (const length of [2, 0, 3]) {
    t.equal(JSON.parse((await client.answer()).body).token, `sandbox_${length}.b.c`)
  }
})

/*
 * Node ends a connection with the final answer to a request that expects `100 Continue` and was not told to go on; it
 * writes `Connection: close` into that answer by itself, and tells nobody. Where such a request had no body, or had sent
 * it without waiting and was refused later, the gateway still executed what was pipelined behind: a payment that was
 * made, and never answered. The client would send it again.
 */
import t, { type Test } from 'tap'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aPost, aRequest } from '../fixtures/live-token.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { aToken } from '../fixtures/token.ts'

const expect = 'Expect: 100-continue'
const stale = `Authorization: Bearer ${aToken({ claims: { a: 42, exp: 1_000_000_000 } })}`

/** What the client gets for a request with a payment behind it, and how many payments were made. */
async function payBehind(t: Test, request: string) {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url)
  const client = await openRaw(t, gateway.url)
  // The token of the payment is known already: its verdict does not wait for the first one.
  client.send(aPost('{}'))
  await client.answer()
  client.send(request + aPost('{"amount":1}'))
  const first = await client.answer()
  const second = await client.answer()
  t.equal(second.status, 200)
  t.equal(recorder.requests.filter(({ body }) => body.toString() === '{"amount":1}').length, 1)
  return first
}

t.test('a payment behind a read that expects to go on is answered', async t => {
  const { status, interim } = await payBehind(t, aRequest({ lines: [expect] }))
  t.same([status, interim], [200, [100]])
})

t.test('a payment behind a refused read that expects to go on is answered', async t => {
  const { status, interim } = await payBehind(t, aRequest({ target: '/api/sessions/abc/', lines: [expect] }))
  t.same([status, interim], [403, [100]])
})

t.test('a payment behind one that expects to go on, has sent its body and is refused later is answered', async t => {
  const refused = `POST /api/payments/ HTTP/1.1\r\nHost: a\r\n${stale}\r\n${expect}\r\nContent-Length: 2\r\n\r\n{}`
  const { status, interim } = await payBehind(t, refused)
  t.same([status, interim], [401, [100]])
})

t.test(
  'a payment that expects to go on in HTTP/1.0 gets no interim answer, which it could take for the final one',
  async t => {
    const recorder = await startRecorder(t)
    const gateway = await startForwarding(t, recorder.url)
    const client = await openRaw(t, gateway.url)
    client.send(
      aRequest({
        method: 'POST',
        target: '/api/payments/',
        version: 'HTTP/1.0',
        lines: [expect, 'Content-Length: 2'],
        body: '{}',
      }),
    )
    t.match(await client.closed, /^HTTP\/1\.1 200 /)
    t.equal(recorder.requests[0]?.body.toString(), '{}')
  },
)

/*
 * A body whose framing broke off while the session token was still being verified (one that was never seen before) was
 * forwarded all the same: nobody was told of the fault any more. The client got no answer, and the request held its way
 * to the upstream until the deadline. As many of them as there are ways, each with a token of its own, stopped everybody
 * else for half a minute.
 */
import t from 'tap'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aLiveToken, aPost } from '../fixtures/live-token.ts'
import { exchangeRaw, openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'

/** @param seed makes the token one that was never seen */
function brokenOff(seed: number, chunks: string): string {
  const head = `POST /api/payments/ HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${aLiveToken({ seed })}\r\n`
  return `${head}Transfer-Encoding: chunked\r\n\r\n${chunks}`
}

for (const [name, chunks] of [
  ['its first chunk', 'x\r\n'],
  ['its second chunk', '5\r\nhello\r\nx\r\n'],
  ['its trailers', '5\r\nhello\r\n0\r\nX-A : a\r\n\r\n'],
] as const) {
  t.test(`a request with a new token that is malformed in ${name} is refused, and holds nothing`, async t => {
    const recorder = await startRecorder(t)
    // Far beyond the test's own limit: a deadline does not help here.
    const gateway = await startForwarding(t, recorder.url, { connections: 2, headersTimeoutMs: 600_000 })
    for (let seed = 0; seed < 4; seed++) {
      const client = await openRaw(t, gateway.url)
      client.send(brokenOff(seed, chunks))
      const answer = await client.answer()
      t.same([answer.status, answer.field('connection')], [400, 'close'])
    }
    t.equal(recorder.connections(), 0)
    t.equal((await exchangeRaw(t, gateway.url, aPost('{}'))).status, 200)
  })
}

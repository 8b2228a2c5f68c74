// Identical reads share one request, and the slowest of their clients sets its pace. A client that pipelined two of them was
// both: the second answer waited in memory for the first to be out, the first waited for the second to take more, and both
// were cut off at the deadline. Two connections could hold each other up in the same way.
import t, { type Test } from 'tap'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aLiveToken } from '../fixtures/live-token.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'

const size = 4 * 1024 * 1024
const token = aLiveToken()
const aRead = (ref: string) => `GET /api/orders/${ref}/ HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`

async function startBench(t: Test) {
  const recorder = await startRecorder(t, (_request, response) => response.end('x'.repeat(size)))
  const budget = { requests: 100, windowSec: 300, maxWaitMs: 0 }
  return startForwarding(t, recorder.url, { budget, bodyTimeoutMs: 5000 })
}

t.test('a client that pipelines identical reads gets each large answer whole', async t => {
  const gateway = await startBench(t)
  const client = await openRaw(t, gateway.url)
  client.send(aRead('a') + aRead('a') + aRead('a'))
  for (const _ of [1, 2, 3]) t.equal((await client.answer()).body.length, size)
})

t.test('two clients that pipeline the same reads in opposite order hold nobody up', async t => {
  const gateway = await startBench(t)
  const [one, other] = [await openRaw(t, gateway.url), await openRaw(t, gateway.url)]
  one.send(aRead('a') + aRead('b'))
  other.send(aRead('b') + aRead('a'))
  for (const client of [one, other, one, other]) t.equal((await client.answer()).body.length, size)
})

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { seededRefs } from '../../src/simulator/simulator.ts'
import { json, refusal, startBench } from '../fixtures/simulator-client.ts'

/** SHA-256 of one million bytes, byte i being i mod 251. */
const downloadSha256 = '2c030d49ec131bfbbb446ad21e7a2f12cdb4f2f4f3fda3ac709dd2e68a4646c7'
/** SHA-256 of three million letters x. */
const uploadSha256 = 'e55b8bdf621ddaa8f462c74745db9680d3bb7536a9cf854f8d6668b34a287890'
const order = `/api/orders/${seededRefs.order}/`
const upload = Buffer.alloc(3_000_000, 'x')

async function download(reply: Response): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of reply.body ?? []) {
    bytes += chunk.length
    hash.update(chunk)
  }
  return { bytes, sha256: hash.digest('hex') }
}

t.test('a download has exactly the bytes that were asked for', async t => {
  const { simulator } = await startBench(t)
  const reply = await fetch(`${simulator.url}/__simulator/bytes/1000000`)
  t.equal(reply.headers.get('content-length'), '1000000')
  t.same(await download(reply), { bytes: 1_000_000, sha256: downloadSha256 })
  t.equal((await fetch(`${simulator.url}/__simulator/bytes/0`)).headers.get('content-length'), '0')
})

t.test('an order can be a large download for a session that may read it', async t => {
  const { simulator, ask } = await startBench(t)
  const headers = { authorization: `Bearer ${simulator.issueSessionToken()}`, 'merchant-account': '123ab45c67' }
  const reply = await fetch(`${simulator.url}${order}?simulate_bytes=1000000`, { headers })
  t.same(await download(reply), { bytes: 1_000_000, sha256: downloadSha256 })
  t.equal(simulator.executions.at(-1)?.path, order)
  t.same(refusal(await ask({ path: `${order}?simulate_bytes=5`, token: null })).slice(0, 2), [401, 'unauthorized'])
  t.equal((await ask({ path: '/api/orders/0000000000/?simulate_bytes=5' })).status, 404)
  t.match(json(await ask({ path: `${order}?simulate_bytes=x` })), { ref: seededRefs.order })
})

t.test('a download can be cut in the middle', async t => {
  const { simulator } = await startBench(t)
  simulator.faults.resetMidBody = 1
  const headers = { authorization: `Bearer ${simulator.issueSessionToken()}`, 'merchant-account': '123ab45c67' }
  const reply = await fetch(`${simulator.url}${order}?simulate_bytes=1000000`, { headers })
  await t.rejects(download(reply))
})

t.test('a download of a tebibyte waits for its reader, and ends when the reader goes', async t => {
  const { simulator, ask } = await startBench(t)
  const socket = connect(simulator.port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.write('GET /__simulator/bytes/1099511627776 HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'readable')
  const before = process.memoryUsage().rss
  for (let turn = 0; turn < 200; turn += 1) await ask({ path: '/__simulator/state', token: null })
  t.ok(process.memoryUsage().rss - before < 100_000_000)
  socket.destroy()
  await once(socket, 'close')
  t.equal((await ask({ path: '/__simulator/state', token: null })).status, 200)
})

t.test('the sink counts and hashes an upload of any size', async t => {
  const { ask } = await startBench(t)
  const reply = await ask({ method: 'POST', path: '/__simulator/sink', token: null, body: upload })
  t.same(json(reply), { bytes: 3_000_000, sha256: uploadSha256 })
})

t.test('creating a payment method can be a sink for a session that may do it', async t => {
  const { simulator, ask } = await startBench(t)
  const post = { method: 'POST', path: '/api/payment_methods/?simulate_sink=1', body: upload }
  t.same(json(await ask(post)), { bytes: 3_000_000, sha256: uploadSha256 })
  t.match(simulator.executions, [{ bodySha256: uploadSha256, status: 200 }])
  t.equal((await ask({ ...post, token: null })).status, 401)
})

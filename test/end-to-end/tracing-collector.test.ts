import { once } from 'node:events'
import { createServer } from 'node:net'
import process from 'node:process'
import t, { type Test } from 'tap'
import { aRequest } from '../fixtures/live-token.ts'
import { accept, startOtlpReceiver } from '../fixtures/otlp-receiver.ts'
import { readMessage } from '../fixtures/protobuf.ts'
import { exchangeRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { aStory, letIn } from '../fixtures/story.ts'
import { startTraced, type TracedGateway, type TracedOptions } from '../fixtures/traced-gateway.ts'
import { until } from '../fixtures/until.ts'
import { createSelfSigned, withoutOpenssl } from '../fixtures/upstream-certificates.ts'

const refusal = 'GET /api/orders/abc/ HTTP/1.1\r\nHost: a\r\n\r\n'

async function start(t: Test, otlpEndpoint: string, tracing: TracedOptions['tracing'] = {}): Promise<TracedGateway> {
  const recorder = await startRecorder(t)
  return startTraced(t, { otlpEndpoint, api: recorder.url, tracing })
}

async function ask(t: Test, { url }: TracedGateway, message = aRequest({})): Promise<number> {
  return (await exchangeRaw(t, url, message)).status
}

t.test('a collector that is away for a while costs the spans of that while, which is counted and told', async t => {
  const receiver = await startOtlpReceiver(t)
  receiver.answer = response => void response.destroy()
  const gateway = await start(t, receiver.url, { delayMs: 10 })
  t.equal(await ask(t, gateway), 200)
  await until(gateway.tracing.dropped, dropped => dropped === 2)
  t.same(gateway.losses, [{ code: 'ECONNRESET', spans: 2 }])
  receiver.answer = accept
  t.equal(await ask(t, gateway), 200)
  await until(
    () => receiver.spans.length,
    length => length === 2,
  )
  t.equal(gateway.tracing.dropped(), 2)
})

t.test('a collector that is not there is told of by its code', async t => {
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as { readonly port: number }
  closed.close()
  await once(closed, 'close')
  const gateway = await start(t, `http://user:canary-password@127.0.0.1:${port}`)
  t.equal(await ask(t, gateway), 200)
  await gateway.traced(1)
  t.same(gateway.losses, [{ code: 'ECONNREFUSED', spans: 2 }])
})

t.test('a collector that refuses is told of by its status, and not by its words', async t => {
  const receiver = await startOtlpReceiver(t)
  receiver.answer = response => void response.writeHead(401, 'canary').end('canary')
  const gateway = await start(t, receiver.url)
  t.equal(await ask(t, gateway), 200)
  await gateway.traced(1)
  t.same(gateway.losses, [{ code: 'HTTP 401', spans: 2 }])
})

t.test('a collector that does not answer holds up no request, and the end only as long as it may', async t => {
  const receiver = await startOtlpReceiver(t)
  receiver.answer = () => {}
  const gateway = await start(t, receiver.url, { delayMs: 1, exportTimeoutMs: 60_000, closeTimeoutMs: 50 })
  t.equal(await ask(t, gateway), 200)
  await until(
    () => receiver.exports.length,
    length => length === 1,
  )
  for (let count = 0; count < 5; count++) t.equal(await ask(t, gateway), 200)
  const before = performance.now()
  await gateway.traced(6)
  const tookMs = performance.now() - before
  t.ok(tookMs >= 40 && tookMs < 2000, `${tookMs} ms`)
  // The first attempt is cut off; what would have been repeated is not.
  await until(gateway.tracing.dropped, dropped => dropped === 12)
})

t.test('what finds no place among the spans that wait is dropped, with all of its request', async t => {
  const receiver = await startOtlpReceiver(t)
  const gateway = await start(t, receiver.url, { maxWaitingSpans: 3, delayMs: 60_000 })
  t.same([await ask(t, gateway), await ask(t, gateway)], [200, 200])
  await gateway.ended(2)
  t.equal(gateway.tracing.dropped(), 2)
  t.same(gateway.losses, [{ code: 'queue_full', spans: 2 }])
  t.equal(await ask(t, gateway, refusal), 401)
  await gateway.traced(3)
  t.same(
    receiver.spans.map(({ kind, name }) => [kind, name]),
    [
      [2, 'GET /api/orders/{ref}/'],
      [3, 'GET /api/orders/{ref}/'],
      [2, 'GET'],
    ],
  )
  t.equal(gateway.tracing.dropped(), 2)
})

t.test('at the end all that waits is sent, also where it is as much as may wait', async t => {
  const receiver = await startOtlpReceiver(t)
  receiver.answer = response => accept(response)
  const limits = { maxWaitingSpans: 600, delayMs: 60_000, exportTimeoutMs: 10_000 }
  const gateway = await start(t, receiver.url, limits)
  const spans = { parentId: undefined, serverSpanId: 'b'.repeat(16), clientSpanId: 'c'.repeat(16) }
  const decision = { ...letIn('/api/orders/{ref}/'), spans }
  for (let count = 0; count < 600; count++) gateway.tracing.observe(aStory({ decision }))
  await gateway.tracing.close()
  const batches = receiver.exports.map(
    ({ body }) => readMessage(body).messages(1)[0]?.messages(2)[0]?.messages(2).length,
  )
  t.same(batches.toSorted(), [256, 256, 88])
  t.equal(gateway.tracing.dropped(), 0)
})

t.test('the endpoint may have a path, credentials, and fields of its own; where traces go is added once', async t => {
  const receiver = await startOtlpReceiver(t)
  const { host } = new URL(receiver.url)
  for (const [path, expected] of [
    ['/otlp/', '/otlp/v1/traces'],
    ['/otlp/v1/traces', '/otlp/v1/traces'],
  ]) {
    const gateway = await start(t, `http://me:pw@${host}${path}`, { headers: { 'x-api-key': 'k' } })
    await ask(t, gateway, refusal)
    await gateway.traced(1)
    const { path: asked, fields } = receiver.exports.at(-1) as (typeof receiver.exports)[number]
    t.same([asked, fields['x-api-key'], fields.authorization], [expected, 'k', `Basic ${btoa('me:pw')}`])
  }
})

t.test(
  'the certificate of a collector is verified, whatever the environment says',
  { skip: withoutOpenssl() },
  async t => {
    const pair = createSelfSigned(t.testdir(), 'IP:127.0.0.1')
    const receiver = await startOtlpReceiver(t, pair)
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    t.teardown(() => {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    })
    const refusing = await start(t, receiver.url)
    const trusting = await start(t, receiver.url, { ca: pair.cert })
    for (const gateway of [refusing, trusting]) {
      await ask(t, gateway, refusal)
      await gateway.traced(1)
    }
    t.same(refusing.losses, [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT', spans: 1 }])
    t.same([trusting.losses, receiver.spans.length], [[], 1])
  },
)

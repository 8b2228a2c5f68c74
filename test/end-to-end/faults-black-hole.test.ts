/*
 * Question: what do clients see of an upstream that takes connections and requests, and never says a word? What is in
 * flight is bounded, so that most of them need not wait for its time to run out.
 */
import t from 'tap'
import { askAdmin } from '../fixtures/admin-client.ts'
import { startGatewayProcess } from '../fixtures/gateway-process.ts'
import { aRequest } from '../fixtures/live-token.ts'
import { exchangeRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { until } from '../fixtures/until.ts'
import { withoutLimits } from '../fixtures/without-limits.ts'

const connections = 2
/** Eight wait for each connection. */
const places = connections + 8 * connections
const tooMany = 12
const headersTimeoutMs = 2000

t.test('an upstream that swallows requests costs two of them its whole time, and the rest hear at once', async t => {
  let isSilent = true
  const upstream = await startRecorder(t, (_, response) => (isSilent ? undefined : response.end('{}')))
  const config = withoutLimits(upstream.url, { connections, headersTimeoutMs })
  const gateway = await startGatewayProcess(t, { folder: t.testdir(), api: upstream.url, config })
  const answers: { readonly code: string; readonly afterMs: number }[] = []
  const startedAt = performance.now()
  const clients = Array.from({ length: places + tooMany }, async () => {
    const { status, body } = await exchangeRaw(t, gateway.url, aRequest({}))
    answers.push({ code: `${status} ${JSON.parse(body).errors[0].code}`, afterMs: performance.now() - startedAt })
  })

  await until(
    () => answers.length,
    length => length >= tooMany,
  )
  t.match(await askAdmin(gateway.adminUrl, '/livez'), { status: 200 }, 'the gateway is alive meanwhile')
  t.same(new Set(answers.map(({ code }) => code)), new Set(['503 service_unavailable']))
  t.equal(answers.length, tooMany, 'whoever finds no place hears before anybody has waited for long')
  t.equal(upstream.requests.length, connections)

  await Promise.all(clients)
  const waited = answers.slice(tooMany)
  t.same(new Set(waited.map(({ code }) => code)), new Set(['504 upstream_timeout', '503 service_unavailable']))
  t.ok(waited.every(({ afterMs }) => afterMs >= 0.9 * headersTimeoutMs))
  const timedOut = waited.filter(({ code }) => code.startsWith('504')).length
  t.equal(timedOut, upstream.requests.length, 'each request that the upstream got is answered 504, and was sent once')
  await until(upstream.open, open => open === 0)

  isSilent = false
  t.equal((await exchangeRaw(t, gateway.url, aRequest({}))).status, 200, 'it is used again as soon as it answers')
})

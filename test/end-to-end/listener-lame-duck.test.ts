import t, { type Test } from 'tap'
import { askAdmin } from '../fixtures/admin-client.ts'
import { type GatewayProcess, startGatewayProcess } from '../fixtures/gateway-process.ts'
import { aPost, aRequest } from '../fixtures/live-token.ts'
import { exchangeRaw, openRaw } from '../fixtures/raw-connection.ts'
import { type Recorder, startRecorder } from '../fixtures/recorder.ts'
import { until } from '../fixtures/until.ts'

async function start(t: Test, config: object): Promise<{ upstream: Recorder; gateway: GatewayProcess }> {
  const upstream = await startRecorder(t)
  return { upstream, gateway: await startGatewayProcess(t, { folder: t.testdir(), api: upstream.url, config }) }
}

async function stop({ process, adminUrl }: GatewayProcess): Promise<void> {
  process.kill('SIGTERM')
  await until(
    () => askAdmin(adminUrl, '/readyz'),
    ({ status }) => status === 503,
  )
}

for (const workers of [1, 2]) {
  t.test(`${workers} process(es): clients that wait to be accepted when SIGTERM comes are all served`, async t => {
    const { upstream, gateway } = await start(t, { workers })
    // While it stands still, the system makes the connections, and keeps them for it.
    gateway.process.kill('SIGSTOP')
    const clients = await Promise.all(Array.from({ length: 40 }, () => openRaw(t, gateway.url)))
    for (const client of clients) client.send(aPost('{"amount":1}'))
    gateway.process.kill('SIGTERM')
    gateway.process.kill('SIGCONT')
    const answers = await Promise.all(clients.map(client => client.answer()))
    t.same([...new Set(answers.map(({ status }) => status))], [200])
    t.equal(await gateway.exit, 0)
    t.equal(upstream.requests.length, 40)
  })

  t.test(`${workers} process(es): for lameDuckMs after SIGTERM new clients are served, and told to go`, async t => {
    const { gateway } = await start(t, { workers, lameDuckMs: 2000 })
    const idle = await openRaw(t, gateway.url)
    idle.send(aRequest({}))
    t.equal((await idle.answer()).field('connection'), 'keep-alive')

    const startedAt = performance.now()
    await stop(gateway)
    const late = await until(
      () => exchangeRaw(t, gateway.url, aPost('{}')),
      ({ field }) => field('connection') === 'close',
    )
    t.equal(late.status, 200)
    t.match(await askAdmin(gateway.adminUrl, '/livez'), { status: 200 })
    idle.send(aRequest({}))
    const last = await idle.answer()
    t.same([last.status, last.field('connection')], [200, 'close'], 'connections that were there are kept as well')
    t.equal(await idle.closed, '')

    t.equal(await gateway.exit, 0)
    t.ok(performance.now() - startedAt >= 2000)
    await t.rejects(openRaw(t, gateway.url), { code: 'ECONNREFUSED' })
  })
}

t.test('a second SIGTERM within lameDuckMs ends the process at once with 1', async t => {
  const { gateway } = await start(t, { lameDuckMs: 60_000 })
  await stop(gateway)
  gateway.process.kill('SIGTERM')
  t.equal(await gateway.exit, 1)
})

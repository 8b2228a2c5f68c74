import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import t, { type Test } from 'tap'
import { type GatewayProcess, startGatewayProcess } from '../fixtures/gateway-process.ts'
import { at, send } from '../fixtures/http-client.ts'
import { aLiveToken } from '../fixtures/live-token.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { scrape } from '../fixtures/scrape.ts'
import { until } from '../fixtures/until.ts'
import { workersOf } from '../fixtures/worker-processes.ts'

const openPolicy = 'scopes: { orders: ["GET /api/orders/{ref}/"] }\ngrants: { default: [orders] }\n'
const closedPolicy = 'scopes: { payments: ["GET /api/payments/{ref}/"] }\ngrants: { default: [payments] }\n'

async function startWorkers(t: Test) {
  const recorder = await startRecorder(t)
  const folder = t.testdir({ 'policy.yaml': openPolicy })
  const config = { workers: 2, admin: { port: 0 }, policy: { file: 'policy.yaml' }, drainTimeoutMs: 1000 }
  const gateway = await startGatewayProcess(t, { folder, api: recorder.url, config })
  return { gateway, write: (policy: string) => writeFileSync(join(folder, 'policy.yaml'), policy) }
}

async function read({ url }: GatewayProcess): Promise<number> {
  const headers = { Authorization: `Bearer ${aLiveToken()}` }
  return (await send({ ...at(url), path: '/api/orders/abc/', headers })).status
}

/** Connections are dealt out to the workers in turn. */
async function statusesOf(gateway: GatewayProcess): Promise<readonly number[]> {
  return [...new Set(await Promise.all(Array.from({ length: 12 }, () => read(gateway))))]
}

t.test(
  'SIGHUP reaches every worker, and one that begins later goes by what is in force, not by a broken file',
  async t => {
    const { gateway, write } = await startWorkers(t)
    t.same(await statusesOf(gateway), [200])
    write(closedPolicy)
    gateway.process.kill('SIGHUP')
    const reloaded = await until(
      () => scrape(gateway.adminUrl),
      ({ value }) => value('forage_gateway_config_generation') === 2,
    )
    t.equal(reloaded.value('forage_gateway_config_reload_total', { result: 'success' }), 1, 'not once per process')
    t.same(await statusesOf(gateway), [403])

    write('scopes: {')
    gateway.process.kill('SIGHUP')
    const refused = await until(
      () => scrape(gateway.adminUrl),
      ({ value }) => (value('forage_gateway_config_reload_total', { result: 'failure' }) ?? 0) > 0,
    )
    t.equal(refused.value('forage_gateway_config_generation'), 2)
    const before = workersOf(gateway)
    for (const worker of before) process.kill(worker, 'SIGKILL')
    await until(
      () => workersOf(gateway),
      workers => workers.length === 2 && workers.every(worker => !before.includes(worker)),
    )
    const later = await until(
      () => statusesOf(gateway).catch(() => []),
      statuses => statuses.length > 0,
    )
    t.same(later, [403])
    t.equal((await scrape(gateway.adminUrl)).value('forage_gateway_config_generation'), 2)
  },
)

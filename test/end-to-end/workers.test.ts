import { once } from 'node:events'
import process from 'node:process'
import t, { type Test } from 'tap'
import { type GatewayProcess, startGatewayProcess } from '../fixtures/gateway-process.ts'
import { at, send } from '../fixtures/http-client.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { aToken } from '../fixtures/token.ts'
import { until } from '../fixtures/until.ts'
import { isGone, workersOf } from '../fixtures/worker-processes.ts'

const adminToken = 'the admin token of the worker tests'.replaceAll(' ', '-')
const token = aToken({ claims: { a: 7, exp: Math.floor(Date.now() / 1000) + 600 } })

async function startWorkers(t: Test, workers: number, verify = 'signature') {
  const recorder = await startRecorder(t)
  const folder = t.testdir({ 'admin.token': adminToken })
  const config = {
    workers,
    admin: { port: 0, token: { file: 'admin.token' } },
    session: { verify, jwt: { secret: { file: 'session.secret' } } },
    drainTimeoutMs: 3000,
  }
  const gateway = await startGatewayProcess(t, { folder, api: recorder.url, config })
  return { gateway, recorder, folder }
}

function read({ url }: GatewayProcess, text = token) {
  return send({ ...at(url), method: 'GET', path: '/api/orders/abc/', headers: { Authorization: `Bearer ${text}` } })
}

async function admin({ adminUrl }: GatewayProcess, method: string, path: string, body?: object) {
  const headers = { Authorization: `Bearer ${adminToken}`, 'Content-Type': 'application/json' }
  const { text } = await send({ ...at(adminUrl), method, path, headers }, body && JSON.stringify(body))
  return JSON.parse(text)
}

t.test('two workers share the port, and are counted', async t => {
  const { gateway } = await startWorkers(t, 2)
  for (let count = 0; count < 20; count++) t.equal((await read(gateway)).status, 200)
  const status = await until(
    () => admin(gateway, 'GET', '/status'),
    ({ counters }) => counters.requests === 20,
  )
  t.same(status.workers, { configured: 2, live: 2, restarts: 0 })
  t.match(status.counters, { requests: 20, allowed: 20, denied: 0 })
  t.equal(workersOf(gateway).length, 2)
})

t.test('a worker that is killed is replaced, and the other one serves meanwhile', async t => {
  const { gateway } = await startWorkers(t, 2)
  const [victim] = workersOf(gateway)
  process.kill(victim as number, 'SIGKILL')
  await until(
    () => admin(gateway, 'GET', '/status'),
    ({ workers }) => workers.restarts === 1,
  )
  for (let count = 0; count < 10; count++) t.equal((await read(gateway)).status, 200)
  const { workers } = await until(
    () => admin(gateway, 'GET', '/status'),
    status => status.workers.live === 2,
  )
  t.equal(workers.configured, 2)
  t.notOk(workersOf(gateway).includes(victim as number))
})

t.test('a token that is registered, and revoked, is known to every worker, also to one that began later', async t => {
  const { gateway } = await startWorkers(t, 2, 'ledger')
  t.equal((await read(gateway)).status, 401)
  t.match(await admin(gateway, 'POST', '/tokens', { token }), { registered: 1 })
  const answers = await Promise.all(Array.from({ length: 12 }, () => read(gateway)))
  t.same([...new Set(answers.map(({ status }) => status))], [200])

  for (const worker of workersOf(gateway)) process.kill(worker, 'SIGKILL')
  await until(
    () => admin(gateway, 'GET', '/status'),
    ({ workers }) => workers.restarts >= 2 && workers.live === 2,
  )
  const later = await until(
    () => read(gateway).catch(() => ({ status: 0 })),
    ({ status }) => status === 200,
  )
  t.equal(later.status, 200)

  t.match(await admin(gateway, 'POST', '/revocations', { token }), { revoked: 'token' })
  const revoked = await Promise.all(Array.from({ length: 12 }, () => read(gateway)))
  t.same([...new Set(revoked.map(({ status }) => status))], [401])
})

t.test('SIGTERM ends all workers, and then the gateway with 0', async t => {
  const { gateway } = await startWorkers(t, 2)
  const workers = workersOf(gateway)
  gateway.process.kill('SIGTERM')
  t.equal(await gateway.exit, 0)
  for (const worker of workers) t.throws(() => process.kill(worker, 0), { code: 'ESRCH' })
})

t.test('workers whose keeper is killed finish and end by themselves', async t => {
  const { gateway } = await startWorkers(t, 2)
  const workers = workersOf(gateway)
  gateway.process.kill('SIGKILL')
  await once(gateway.process, 'exit')
  await until(() => workers.every(isGone), Boolean)
  t.pass()
})

/*
 * Workers stop when their keeper says so, or is gone. Node ends a worker of its own accord the moment it loses its keeper:
 * one that leaves its keeper in order to stop would take the requests in flight with it.
 */
import { once } from 'node:events'
import process from 'node:process'
import t, { type Test } from 'tap'
import { askAdmin } from '../fixtures/admin-client.ts'
import { type GatewayProcess, startGatewayProcess } from '../fixtures/gateway-process.ts'
import { aPost } from '../fixtures/live-token.ts'
import { openRaw, type RawConnection } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { until } from '../fixtures/until.ts'
import { isGone, workersOf } from '../fixtures/worker-processes.ts'

const clients = 12

interface Busy {
  readonly gateway: GatewayProcess
  readonly workers: readonly number[]
  /** Each has a POST in flight, which has reached the upstream. */
  readonly connections: readonly RawConnection[]
  /** Lets the upstream answer. */
  release(): void
}

async function startBusyWorkers(t: Test, config: object = {}): Promise<Busy> {
  const held: (() => void)[] = []
  const upstream = await startRecorder(t, (_, response) => held.push(() => response.end('done')))
  const gateway = await startGatewayProcess(t, {
    folder: t.testdir(),
    api: upstream.url,
    config: { workers: 2, ...config },
  })
  const connections = await Promise.all(Array.from({ length: clients }, () => openRaw(t, gateway.url)))
  for (const { send } of connections) send(aPost('{"amount":1}'))
  await until(
    () => held.length,
    length => length === clients,
  )
  return {
    gateway,
    workers: workersOf(gateway),
    connections,
    release: () => {
      for (const answer of held) answer()
    },
  }
}

async function answersOf(connections: readonly RawConnection[]) {
  const answers = await Promise.all(connections.map(each => each.answer()))
  return [...new Set(answers.map(({ status, body, field }) => `${status} ${body} ${field('connection')}`))]
}

t.test('SIGTERM: what is in flight on every worker is answered, and the exit code is 0', async t => {
  const { gateway, workers, connections, release } = await startBusyWorkers(t)
  gateway.process.kill('SIGTERM')
  await until(
    () => askAdmin(gateway.adminUrl, '/readyz'),
    ({ status }) => status === 503,
  )
  // Workers have heard of it when one that has nothing to do would have ended: these have.
  t.equal(workers.some(isGone), false)
  release()
  t.same(await answersOf(connections), ['200 done close'])
  t.equal(await gateway.exit, 0)
  t.ok(workers.every(isGone))
})

t.test('a keeper that is killed takes no request with it: its workers finish, and end', async t => {
  const { gateway, workers, connections, release } = await startBusyWorkers(t)
  gateway.process.kill('SIGKILL')
  await once(gateway.process, 'exit')
  await t.rejects(openRaw(t, gateway.url), { code: 'ECONNREFUSED' })
  t.equal(workers.some(isGone), false)
  release()
  t.same(await answersOf(connections), ['200 done close'])
  await until(() => workers.every(isGone), Boolean)
})

t.test('a second SIGTERM ends the keeper at once with 1, and its workers with it', async t => {
  const { gateway, workers, connections } = await startBusyWorkers(t, { lameDuckMs: 60_000 })
  gateway.process.kill('SIGTERM')
  await until(
    () => askAdmin(gateway.adminUrl, '/readyz'),
    ({ status }) => status === 503,
  )
  gateway.process.kill('SIGTERM')
  t.equal(await gateway.exit, 1)
  t.same(await Promise.all(connections.map(({ closed }) => closed)), Array(clients).fill(''))
  await until(() => workers.every(isGone), Boolean)
})

t.test('a worker that does not finish in time is killed, and the exit code is 0', async t => {
  const { gateway, workers } = await startBusyWorkers(t, { drainTimeoutMs: 100 })
  for (const worker of workers) process.kill(worker, 'SIGSTOP')
  gateway.process.kill('SIGTERM')
  t.equal(await gateway.exit, 0)
  t.ok(workers.every(isGone))
})

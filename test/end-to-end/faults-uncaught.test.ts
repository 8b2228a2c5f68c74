import process from 'node:process'
import t, { type Test } from 'tap'
import { askAdmin } from '../fixtures/admin-client.ts'
import { startGatewayProcess } from '../fixtures/gateway-process.ts'
import { aPost } from '../fixtures/live-token.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { until } from '../fixtures/until.ts'
import { isGone, workersOf } from '../fixtures/worker-processes.ts'

/** Not imported: importing it here would make this very process faulty. */
const preload = new URL('../fixtures/faulty-process.js', import.meta.url)
const faultMessage = 'sandbox_ey.secret.payload'

const faults: readonly (readonly [name: string, signal: NodeJS.Signals, error: string])[] = [
  ['an exception that nobody catches', 'SIGUSR2', 'TypeError'],
  ['a rejection that nobody handles', 'SIGWINCH', 'RangeError'],
]

/** A gateway whose processes can be made faulty, and a client whose POST the upstream holds back. */
async function startFaulty(t: Test, config: object = {}) {
  const held: (() => void)[] = []
  const upstream = await startRecorder(t, (_, response) => held.push(() => response.end('done')))
  const gateway = await startGatewayProcess(t, {
    folder: t.testdir(),
    api: upstream.url,
    config,
    before: ['env', `NODE_OPTIONS=--import=${preload.href}`],
  })
  let words = ''
  for (const stream of [gateway.process.stdout, gateway.process.stderr]) stream?.on('data', chunk => (words += chunk))
  const client = await openRaw(t, gateway.url)
  client.send(aPost('{"amount":1}'))
  await until(
    () => held.length,
    length => length === 1,
  )
  return { gateway, client, answer: () => held[0]?.(), words: () => words }
}

for (const [name, signal, error] of faults) {
  t.test(`${name} is logged without its words, what is in flight is answered, and the exit code is 70`, async t => {
    const { gateway, client, answer, words } = await startFaulty(t, { lameDuckMs: 60_000 })
    gateway.process.kill(signal)
    await until(
      () => askAdmin(gateway.adminUrl, '/readyz'),
      ({ status }) => status === 503,
    )
    await until(
      () =>
        openRaw(t, gateway.url).then(
          ({ socket }) => void socket.destroy(),
          ({ code }) => code,
        ),
      code => code === 'ECONNREFUSED',
    )
    answer()
    const { status, body, field } = await client.answer()
    t.same([status, body, field('connection')], [200, 'done', 'close'])
    t.equal(await gateway.exit, 70)

    const lines = gateway
      .log()
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    const [logged] = lines.filter(({ msg }) => msg === 'internal fault')
    t.match(logged, { level: 'error', error_name: error, frames: [/faulty-process/] })
    t.notMatch(gateway.log(), faultMessage)
    t.match(words(), /a fault of the gateway itself/)
    t.notMatch(words(), faultMessage)
  })
}

t.test('a second fault ends the process at once, with 70', async t => {
  const { gateway, client } = await startFaulty(t)
  gateway.process.kill('SIGUSR2')
  await until(
    () => askAdmin(gateway.adminUrl, '/readyz'),
    ({ status }) => status === 503,
  )
  gateway.process.kill('SIGWINCH')
  t.equal(await gateway.exit, 70)
  t.equal(await client.closed, '')
})

t.test('a fault in a worker ends that worker when its requests are answered, and another takes its place', async t => {
  const { gateway, client, answer } = await startFaulty(t, { workers: 2 })
  const processes = workersOf(gateway)
  for (const each of processes) process.kill(each, 'SIGUSR2')
  // Only the one that is owed an answer is left.
  await until(
    () => processes.filter(isGone).length,
    gone => gone === 1,
  )
  answer()
  t.same((await client.answer()).body, 'done')
  await until(
    () => askAdmin(gateway.adminUrl, '/status').then(({ text }) => JSON.parse(text)),
    ({ workers }) => workers.restarts >= 2 && workers.live === 2,
  )
  t.equal(gateway.log().match(/"internal fault"/g)?.length, 2)
  t.notMatch(gateway.log(), faultMessage)
  gateway.process.kill('SIGTERM')
  t.equal(await gateway.exit, 0)
})

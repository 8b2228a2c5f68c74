import { readFileSync, writeFileSync } from 'node:fs'
import { Agent, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadConfig } from '../../src/config/load-config.ts'
import type { Gateway } from '../../src/gateway.ts'
import { askAdmin } from '../fixtures/admin-client.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { at, type Reply, send } from '../fixtures/http-client.ts'
import { aLiveToken } from '../fixtures/live-token.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { scrape } from '../fixtures/scrape.ts'
import { testSecret } from '../fixtures/token.ts'
import { until } from '../fixtures/until.ts'

/** Orders can be read under the one, and not under the other. */
const openPolicy = 'scopes: { orders: ["GET /api/orders/{ref}/"] }\ngrants: { default: [orders] }\n'
const closedPolicy = 'scopes: { payments: ["GET /api/payments/{ref}/"] }\ngrants: { default: [payments] }\n'

interface World {
  readonly gateway: Gateway
  readonly folder: string
  write(name: string, text: string): void
  log(): readonly Record<string, unknown>[]
}

async function startReloadable(t: Test, api: string, more = ''): Promise<World> {
  const text = `environment: sandbox
listen: { host: 127.0.0.1, port: 0 }
admin: { port: 0 }
upstream: { api: ${api}, budget: null }
session: { verify: signature, jwt: { secret: { file: secret } } }
limits: { perSession: null, perAddress: null, denialsPerAddress: null }
log: { level: warn, destination: gateway.log }
${more}`
  const folder = t.testdir({ 'gateway.yaml': text, 'policy.yaml': openPolicy, secret: testSecret.toString() })
  const gateway = await startGateway(t, loadConfig(join(folder, 'gateway.yaml')))
  return {
    gateway,
    folder,
    write: (name, written) => writeFileSync(join(folder, name), written),
    log: () =>
      readFileSync(join(folder, 'gateway.log'), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line)),
  }
}

function readOrder({ url }: Gateway, agent?: Agent): Promise<Reply> {
  const headers = { Authorization: `Bearer ${aLiveToken()}` }
  return send({ ...at(url), path: '/api/orders/abc/', headers, ...(agent && { agent }) })
}

/** Clients that ask again and again until they are told to stop. @returns what each answer was, and when it was asked for and had */
function startClients(gateway: Gateway, count: number) {
  let isOver = false
  const answers: { readonly status: number; readonly from: number; readonly to: number }[] = []
  const agent = new Agent({ keepAlive: true })
  const clients = Array.from({ length: count }, async () => {
    while (!isOver) {
      const from = performance.now()
      const { status } = await readOrder(gateway, agent)
      answers.push({ status, from, to: performance.now() })
    }
  })
  return {
    answers,
    async stop() {
      isOver = true
      await Promise.all(clients)
      agent.destroy()
    },
  }
}

t.test('under load, verdicts change at the swap and nowhere else, and no request fails', async t => {
  const recorder = await startRecorder(t)
  const { gateway, write } = await startReloadable(t, recorder.url)
  const clients = startClients(gateway, 8)
  const swaps: { readonly from: number; readonly to: number; readonly status: number }[] = []
  const files = [
    [closedPolicy, 'success', 403],
    [openPolicy, 'success', 200],
    [openPolicy.slice(0, 30), 'failure', 200],
    ['', 'failure', 200],
    [closedPolicy.replace('payments/{ref}', 'payments/{ref'), 'failure', 200],
    [closedPolicy, 'success', 403],
    ['scopes: { orders: [POST /api/session_token/] }\ngrants: { default: [orders] }\n', 'failure', 403],
    [openPolicy, 'success', 200],
  ] as const
  for (const [policy, result, status] of files) {
    const seen = clients.answers.length
    await until(
      () => clients.answers.length,
      length => length >= seen + 40,
    )
    write('policy.yaml', policy)
    const from = performance.now()
    t.equal(await gateway.reload(), result)
    swaps.push({ from, to: performance.now(), status })
  }
  await clients.stop()

  const expectedAt = (time: number) => swaps.findLast(({ to }) => to <= time)?.status ?? 200
  const isDuringSwap = (from: number, to: number) => swaps.some(swap => from <= swap.to && to >= swap.from)
  const judged = clients.answers.filter(({ from, to }) => !isDuringSwap(from, to))
  t.ok(judged.length > 200, `${judged.length} of ${clients.answers.length} answers lie between two swaps`)
  t.same(
    judged.filter(({ status, from }) => status !== expectedAt(from)),
    [],
  )
  t.same([...new Set(clients.answers.map(({ status }) => status))].sort(), [200, 403], 'and nothing else was answered')
  const metrics = await scrape(gateway.adminUrl)
  t.equal(metrics.value('forage_gateway_config_generation'), 5)
  t.equal(metrics.value('forage_gateway_config_reload_total', { result: 'success' }), 4)
  t.equal(metrics.value('forage_gateway_config_reload_total', { result: 'failure' }), 4)
})

t.test('a request in flight finishes under the policy that it started with', async t => {
  const held: ServerResponse[] = []
  const recorder = await startRecorder(t, (_request, response) => void held.push(response))
  const { gateway, write } = await startReloadable(t, recorder.url)
  const inFlight = readOrder(gateway)
  await until(
    () => held.length,
    length => length === 1,
  )
  write('policy.yaml', closedPolicy)
  t.equal(await gateway.reload(), 'success')
  t.match(await readOrder(gateway), { status: 403 })
  held[0]?.end('late')
  t.match(await inFlight, { status: 200, text: 'late' })
})

t.test('a configuration that is not fit is told of in the log and the status, and the last good one stays', async t => {
  const recorder = await startRecorder(t)
  const { gateway, write, log, folder } = await startReloadable(t, recorder.url)
  write('policy.yaml', 'scopes: {}\n')
  write('secret', 'short')
  t.equal(await gateway.reload(), 'failure')
  t.match(await readOrder(gateway), { status: 200 })
  const { configGeneration, configuration } = JSON.parse((await askAdmin(gateway.adminUrl, '/status')).text)
  t.equal(configGeneration, 1)
  t.match(configuration.problems.join('\n'), /gateway\.yaml:5:\d+ session\.jwt\.secret: .*too short/)
  t.match(configuration.problems.join('\n'), /policy\.yaml/)
  t.match(JSON.parse((await askAdmin(gateway.adminUrl, '/readyz')).text), {
    status: 'ready',
    checks: { configuration: 'refused; the last good one is in force' },
  })
  write('policy.yaml', openPolicy)
  write('secret', testSecret.toString())
  t.equal(await gateway.reload(), 'success')
  t.match(JSON.parse((await askAdmin(gateway.adminUrl, '/status')).text), {
    configGeneration: 2,
    configuration: { problems: [], needRestart: [] },
  })
  t.match(JSON.parse((await askAdmin(gateway.adminUrl, '/readyz')).text), { checks: { configuration: 'good' } })
  await gateway.stop()
  t.match(log(), [{ level: 'error', event: 'configuration_refused', config_generation: 1 }])
  t.notMatch(readFileSync(join(folder, 'gateway.log'), 'utf8'), testSecret.toString())
})

t.test('what cannot change while it runs says so, and everything else of the same file is in force', async t => {
  const recorder = await startRecorder(t)
  const { gateway, write, log, folder } = await startReloadable(t, recorder.url)
  const text = readFileSync(join(folder, 'gateway.yaml'), 'utf8')
  const changed = text
    .replace('port: 0 }\nadmin', 'port: 1 }\nadmin')
    .replace('budget: null', 'budget: null, connections: 3')
    .replace('perAddress: null', 'perAddress: { requests: 1, windowSec: 60 }')
    .replace('level: warn', 'level: info')
  write('gateway.yaml', `${changed}cors: { origins: ["https://shop.test"] }\n`)
  t.equal(await gateway.reload(), 'success')
  t.same(JSON.parse((await askAdmin(gateway.adminUrl, '/status')).text).configuration.needRestart, [
    'listen',
    'upstream',
  ])
  const fields = { Origin: 'https://shop.test', 'Access-Control-Request-Method': 'GET' }
  const preflight = await send({ ...at(gateway.url), method: 'OPTIONS', path: '/api/orders/abc/', headers: fields })
  t.match(preflight, { status: 204, fields: { 'access-control-allow-origin': 'https://shop.test' } })
  t.same([(await readOrder(gateway)).status, (await readOrder(gateway)).status], [200, 429])
  await gateway.stop()
  t.match(
    log().map(({ event }) => event),
    ['configuration_loaded', 'restart_needed', undefined, undefined, undefined],
    'what is in force is told at the new level',
  )
})

t.test('a reload without a change counts as one, and forgets no client', async t => {
  const recorder = await startRecorder(t)
  const { gateway, write, folder } = await startReloadable(t, recorder.url)
  const text = readFileSync(join(folder, 'gateway.yaml'), 'utf8')
  write('gateway.yaml', text.replace('perSession: null', 'perSession: { requests: 1, windowSec: 60 }'))
  await gateway.reload()
  const headers = { Authorization: `Bearer ${aLiveToken()}` }
  const ask = async () => (await send({ ...at(gateway.url), path: '/api/orders/abc/', headers })).status
  t.equal(await ask(), 200)
  t.equal(await gateway.reload(), 'success')
  t.equal(await ask(), 429)
})

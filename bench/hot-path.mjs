// Question: what do policy, metrics and access log take of a request by themselves, with nothing around them?
// Workload: requests of 64 sessions with verified tokens, decided about, counted and logged to a file again and again in
// this process, without a socket: the processor's caches hold all of it, as they do not beside a server and a client.
// Run: npm run bench:hot-path     (ten seconds)
import { randomBytes } from 'node:crypto'
import { cpus } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { dist, writeConfig } from './programs/gateway.mjs'
import { sessionToken } from './programs/session-token.mjs'
import { Stage } from './programs/stage.mjs'
import { median } from './report/statistics.mjs'

const sessions = 64
const perRound = 2000
const rounds = 300

const load = name => import(join(dist, name))
const { loadConfig } = await load('config/load-config.js')
const { createParts, systemClock } = await load('gateway/parts.js')
const { createRules } = await load('gateway/rules.js')
const { createLoadMeter } = await load('hosts/load-meter.js')
const { createRequestIds } = await load('observability/request-ids.js')

const { folder, secret } = new Stage()
const config = loadConfig(writeConfig({ folder, secret, upstream: 'http://127.0.0.1:9' }))
const hashKey = randomBytes(32)
const parts = await createParts(config, { loadMeter: createLoadMeter(), fingerprintKey: hashKey, generation: 1 })
const accessLog = { logger: parts.logger, writeRequest: parts.log.writeRequest, hashKey }
const rules = createRules(
  { config, generation: 1 },
  { ...parts, gate: { now: systemClock, sampling: null }, accessLog },
)
const nextIds = createRequestIds({ hasClientSpan: false })
const fieldsOf = Array.from({ length: sessions }, (_, index) => fields(index))
// A token that was verified once is in the cache.
for (const session of fieldsOf.keys()) await rules.gate.decide(headOf(session))

/** Microseconds a request in each round, by what is done. */
const costs = new Map()
for (let round = 0; round < rounds; round++) {
  const heads = Array.from({ length: perRound }, (_, index) => headOf(index % sessions))
  const decisions = new Array(perRound)
  const stories = new Array(perRound)
  measure('decide: fields, target, route, token (cached), scope, limits', at => {
    decisions[at] = rules.gate.decide(heads[at])
  })
  for (const at of heads.keys()) stories[at] = storyOf(heads[at], decisions[at])
  measure('count: counters and histograms', at => {
    parts.counters.observe(stories[at])
    parts.metrics.observe(stories[at])
  })
  measure('log: a line, and writing it', at => rules.accessLog(stories[at]))
  await parts.log.drain()
}
process.stdout.write(`Node.js ${process.version}, ${cpus()[0].model}: ${rounds} times ${perRound} requests, medians\n`)
for (const [what, micros] of costs) process.stdout.write(`${median(micros).toFixed(1).padStart(6)} µs  ${what}\n`)
process.exit()

function measure(what, work) {
  const before = performance.now()
  for (let at = 0; at < perRound; at++) work(at)
  const micros = ((performance.now() - before) * 1000) / perRound
  costs.set(what, [...(costs.get(what) ?? []), micros])
}

function headOf(session) {
  const fields = fieldsOf[session]
  return {
    method: 'GET',
    target: '/api/orders/a000000001/',
    fields,
    clientAddress: '127.0.0.1',
    scheme: 'http',
    ids: nextIds(),
  }
}

function fields(index) {
  return [
    ...['Host', 'gateway.example', 'Accept', 'application/json', 'Accept-Encoding', 'gzip, deflate, br'],
    ...['User-Agent', 'ForageSDK/3.2 (bench)', 'Merchant-Account', '123ab45c67'],
    ...['Authorization', `Bearer ${sessionToken(secret, { jti: `${index}` })}`],
  ]
}

function storyOf({ ids, method, clientAddress }, decision) {
  const startedAt = performance.now() - 2.345
  const times = { durationMs: performance.now() - startedAt, upstreamMs: 1.234, startedAt, sentAt: startedAt + 1 }
  const whose = { requestId: ids.requestId, method, clientAddress, decision, reason: undefined }
  const answer = { status: 200, upstreamStatus: 200, httpVersion: '1.1', retries: 0, bytesIn: 0, bytesOut: 300 }
  return { ...whose, ...times, ...answer, useCase: undefined, customer: undefined, errorCode: '' }
}

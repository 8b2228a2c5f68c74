// The gateway, put together from its own parts as src/gateway/machine.ts does, with some of them left out: there is no
// configuration for that, since nobody should run it so. What is left out is replaced by something that does nothing.
// Run: node part-gateway.mjs CONFIG PART…     parts: answer, forward, decide, turns, metrics, log
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import process from 'node:process'
import { answers } from '../load/work.mjs'
import { dist } from '../programs/gateway.mjs'

const [file, ...parts] = process.argv.slice(2)
const has = part => parts.includes(part)
const load = name => import(join(dist, name))
const { loadConfig } = await load('config/load-config.js')
const config = loadConfig(file)
const server = has('forward') ? await forwarding() : await answering()
server.listen(0, '127.0.0.1', () => process.stdout.write(`listening on ${server.address().port}\n`))

/** The server and its settings; the answer of the upstream, known beforehand. */
async function answering() {
  const { createHttpServer } = await load('hosts/http-server.js')
  const options = { maxHeaderBytes: config.limits.maxHeaderBytes, maxConnections: 10_000, clientTimeoutMs: 30_000 }
  const fields = ['Server', 'upstream', 'Content-Type', 'application/json', 'Content-Length', answers.small.length]
  return createHttpServer(options, (_request, response) => {
    response.writeHead(200, fields)
    response.end(answers.small)
  })
}

async function forwarding() {
  const { createParts, systemClock } = await load('gateway/parts.js')
  const { createListener } = await load('gateway/listeners.js')
  const { createRules } = await load('gateway/rules.js')
  const { createLoadMeter } = await load('hosts/load-meter.js')
  const fingerprintKey = randomBytes(32)
  const whole = await createParts(config, { loadMeter: createLoadMeter(), fingerprintKey, generation: 1 })
  const { sessions, clientLimits, logger, log } = whole
  const rules = createRules(
    { config, generation: 1 },
    {
      sessions,
      clientLimits,
      gate: { now: systemClock, sampling: null },
      accessLog: { logger, writeRequest: log.writeRequest, hashKey: fingerprintKey },
    },
  )
  whole.shedding.start()
  return createListener(config, {
    ...whole,
    rules: { ...rules, ...(!has('decide') && { gate: decidedOnce(rules.gate) }) },
    ...(!has('turns') && { budget: null }),
    ...(!has('metrics') && { counters: nothing(whole.counters), metrics: nothing(whole.metrics) }),
    fingerprintKey,
    isDraining: () => false,
  })
}

/** The first allowed request is decided about; all others are forwarded by the same decision, with the same fields. */
function decidedOnce(gate) {
  let first
  return {
    decide(head) {
      if (first !== undefined) return first
      return Promise.resolve(gate.decide(head)).then(decision => {
        if (decision.outcome === 'allow') first ??= decision
        return decision
      })
    },
  }
}

function nothing(part) {
  return Object.fromEntries(Object.keys(part).map(member => [member, () => {}]))
}

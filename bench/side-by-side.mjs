// Question: what does the gateway cost per request, next to what one would use instead?
// Workload: the same requests through this gateway (token verified, default policy, access log to a file, metrics on) and
// through four other proxies that do less, each in one process of its own, in interleaved rounds after a warm-up; one
// origin server and one load, both in other processes. CPU is the proxy's own account, /proc/PID/stat by its requests.
// Run: npm run bench [-- --quick] [--only NAME,NAME] [--budget] [--out FOLDER]     (Linux; about eleven minutes)
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { installPeers } from './peers/install.mjs'
import { machineFacts } from './report/machine.mjs'
import { comparisonTable, idleTable, machineLines, startTable, targetTable, togetherLine } from './report/table.mjs'
import { targetsOf } from './report/targets.mjs'
import { writeDocument, writeResults } from './report/write.mjs'

const paces = {
  full: {
    get: { rounds: 15, measureMs: 500, warmMs: 2500, warmRequests: 30_000 },
    budget: { rounds: 11, measureMs: 500, warmMs: 2500, warmRequests: 30_000 },
    other: { rounds: 7, measureMs: 450, warmMs: 800, warmRequests: 8000 },
    starts: 5,
    rates: 2,
    idle: 10_000,
  },
  quick: {
    get: { rounds: 2, measureMs: 400, warmMs: 400, warmRequests: 3000 },
    budget: { rounds: 2, measureMs: 400, warmMs: 400, warmRequests: 3000 },
    other: { rounds: 2, measureMs: 200, warmMs: 200, warmRequests: 1000 },
    starts: 1,
    rates: 1,
    idle: 2000,
  },
}
/** The tables so far, for the documentation. */
const printed = []
const specialNames = ['rates', 'idle', 'start']

if (process.platform !== 'linux') fail('The benchmark reads /proc, so it runs on Linux only.')
const { values } = readArguments()
const mode = values.quick ? 'quick' : 'full'
installPeers()
const { Stage } = await import('./programs/stage.mjs')
const { scenarios } = await import('./scenarios/catalogue.mjs')
const stage = new Stage()
const catalogue = scenarios(stage)
const only = chosen(catalogue.map(({ name }) => name))
const facts = machineFacts(stage)
const startedAt = performance.now()
print(machineLines(facts))
if (facts.loadBefore > 0.5) print('This machine has other things to do: compare ratios only, and with care.\n')

try {
  const results = await runAll(paces[mode])
  const targets = targetsOf(results)
  print(targetTable(targets, mode === 'full'))
  const isWhole = mode === 'full' && only === undefined
  const docs = fileURLToPath(new URL('../docs', import.meta.url))
  const folder = values.out ?? (isWhole ? docs : fileURLToPath(new URL('../build/bench-results', import.meta.url)))
  const files = writeResults(folder, { facts, mode, results, targets })
  if (folder === docs) files.push(writeDocument(docs, printed))
  print(`${Math.round((performance.now() - startedAt) / 1000)} s; ${files.join(', ')}`)
} catch (error) {
  fail(`not measured: ${error.message}`)
} finally {
  await stage.stopProxies()
}
process.exit()

async function runAll(pace) {
  const { inRounds } = await import('./scenarios/rounds.mjs')
  const comparisons = {}
  const keep = ({ name, rows, ...comparison }) => {
    comparisons[name] = rows
    print(comparisonTable({ ...comparison, rows }))
    if (comparison.isOneByOne) print(togetherLine(rows))
  }
  for (const { name, title, entrants, isOneByOne } of catalogue.filter(({ name }) => isWanted(name))) {
    const rows = await inRounds(stage, entrants, pace[name] ?? pace.other, tell(name))
    keep({ name, title, rows, isOneByOne })
    // The plain ones go on, with what they have become: the others made room.
    await stage.stopProxies(key => !key.startsWith('plain '))
  }
  if (isWanted('rates')) for (const table of await ratesOf(pace, comparisons)) keep(table)
  await stage.stopProxies()
  return { comparisons, ...(await specials(pace)) }
}

async function ratesOf(pace, { get }) {
  const { atRates } = await import('./scenarios/rates.mjs')
  const { median, requestsPerSecond } = await import('./report/statistics.mjs')
  const bare = get?.find(({ name }) => name === 'httpProxy')
  const saturation = bare && median(requestsPerSecond(bare))
  return atRates(stage, saturation, { ...pace.other, rates: pace.rates }, tell('rates'))
}

async function specials(pace) {
  const found = {}
  if (isWanted('idle')) {
    const { idleConnections } = await import('./scenarios/idle.mjs')
    found.idle = await idleConnections(stage, pace.idle, tell('idle'))
    print(idleTable(found.idle))
  }
  if (isWanted('start')) {
    const { coldStarts } = await import('./scenarios/cold-start.mjs')
    found.starts = await coldStarts(stage, pace.starts, tell('start'))
    print(startTable(found.starts))
  }
  return found
}

function readArguments() {
  const options = {
    quick: { type: 'boolean' },
    budget: { type: 'boolean' },
    only: { type: 'string' },
    out: { type: 'string' },
  }
  try {
    return parseArgs({ options })
  } catch (error) {
    return fail(error.message)
  }
}

/** Names of what is to be measured; undefined: everything. */
function chosen(names) {
  if (values.budget) return new Set(['budget'])
  if (values.only === undefined) return undefined
  const all = [...names, ...specialNames]
  const wanted = values.only.split(',')
  const unknown = wanted.filter(name => !all.includes(name))
  if (unknown.length > 0) fail(`--only: no such comparison: ${unknown.join(', ')}. There are ${all.join(', ')}.`)
  return new Set(wanted)
}

function isWanted(name) {
  return only === undefined || only.has(name)
}

/** Progress: one line of a terminal, written over; elsewhere one line per comparison. */
function tell(name) {
  const { isTTY } = process.stderr
  if (!isTTY) process.stderr.write(`${name} …\n`)
  return text => void (isTTY && process.stderr.write(`\r\x1b[K${name}: ${text}`))
}

function print(text) {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  process.stdout.write(`${text}\n`)
  printed.push(text)
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

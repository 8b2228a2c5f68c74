// Question: whose time is it? Which part of a small GET's CPU time goes to Node, to libraries, to the system, and to us.
// Workload: the GETs of `npm run bench`, through one gateway under V8's sampling profiler, after a warm-up.
// Run: npm run bench:profile     (Linux; about fifteen seconds; the profile stays in build/bench-results, for DevTools)
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { startProgram } from './programs/child.mjs'
import { writeConfig } from './programs/gateway.mjs'
import { Stage } from './programs/stage.mjs'
import { partGateway, steps } from './scenarios/parts.mjs'

const folder = fileURLToPath(new URL('../build/bench-results', import.meta.url))
const warmUp = { measureMs: 2000, fewest: 10_000 }
const measured = { measureMs: 8000 }

const stage = new Stage()
const profile = await profileGateway()
print(sharesOf(profile))
process.exit()

async function profileGateway() {
  const upstream = await stage.upstream(false)
  const config = writeConfig({ ...stage, name: 'profiled', upstream: `http://127.0.0.1:${upstream.port}` })
  mkdirSync(folder, { recursive: true })
  const gateway = await startProgram({
    command: process.execPath,
    // Its modules, put together: in the program they are bundled, and one could not tell whose a function is.
    args: ['--cpu-prof', '--cpu-prof-dir', folder, partGateway, config, ...steps.map(({ part }) => part)],
    processors: stage.places.proxy,
  })
  const order = { kind: 'run', port: gateway.port, pid: gateway.pid, work: 'get', rate: null }
  await stage.tellLoad({ ...order, ...warmUp })
  const { cpuMicros, requests } = await stage.tellLoad({ ...order, ...measured })
  process.stdout.write(`${(cpuMicros / requests).toFixed(1)} µs of CPU per request, the profiler's own included\n`)
  gateway.child.kill('SIGTERM')
  await new Promise(resolve => gateway.child.once('close', resolve))
  const newest = readdirSync(folder)
    .filter(name => name.endsWith('.cpuprofile'))
    .sort()
    .at(-1)
  return JSON.parse(readFileSync(join(folder, newest), 'utf8'))
}

/** Time by whose code was on top of the stack. Compiling and loading at the start are left out: they are Node's loader. */
function sharesOf({ nodes, samples, timeDeltas }) {
  const groups = new Map(nodes.map(({ id, callFrame }) => [id, groupOf(callFrame)]))
  const times = new Map()
  for (const [index, id] of samples.entries()) {
    const group = groups.get(id)
    if (group) times.set(group, (times.get(group) ?? 0) + timeDeltas[index])
  }
  const whole = [...times.values()].reduce((sum, time) => sum + time, 0)
  return [...times].map(([group, time]) => [group, (100 * time) / whole]).sort(([, a], [, b]) => b - a)
}

function groupOf({ functionName, url }) {
  if (functionName === '(idle)' || functionName === '(root)' || /internal\/modules|per_context/.test(url))
    return undefined
  if (functionName === '(garbage collector)') return 'collecting garbage'
  const library = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  if (library) return library
  const room = /\/dist\/([a-z]+)/.exec(url)?.[1]
  if (room) return `forage-gateway: ${room}`
  if (url.startsWith('node:')) return 'Node: http, streams, timers'
  if (url.startsWith('wasm:')) return 'undici'
  return url === '' && functionName.startsWith('RegExp')
    ? 'regular expressions'
    : 'the system, by Node: read, write, poll'
}

function print(shares) {
  for (const [group, percent] of shares.filter(([, percent]) => percent >= 0.3))
    process.stdout.write(`${percent.toFixed(1).padStart(6)} %  ${group}\n`)
}

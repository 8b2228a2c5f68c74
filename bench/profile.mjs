// Question: whose time is it? Which part of the CPU time goes to Node, to libraries, to the system, and to us.
// Workload: the GETs of `npm run bench`, those with a wrong token that was never seen, and a start, each with one gateway
// under V8's sampling profiler; the requests after a warm-up.
// Run: npm run bench:profile     (Linux; about forty seconds; the profiles stay in build/bench-results, for DevTools)
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { startProgram } from './programs/child.mjs'
import { dist, writeConfig } from './programs/gateway.mjs'
import { Stage } from './programs/stage.mjs'
import { onBehalfOf, onTop, sharesOf } from './report/profile-shares.mjs'
import { partGateway, steps } from './scenarios/parts.mjs'

const results = fileURLToPath(new URL('../build/bench-results', import.meta.url))
const warmUp = { measureMs: 2000, fewest: 10_000 }
const measured = { measureMs: 8000 }

const stage = new Stage()
const upstream = await stage.upstream(false)
await profileRequests('GET', 'get', {})
await profileRequests('GET with a wrong token never seen before: 401', 'refused', { badEvery: 1, refusalStatus: 401 })
await profileStart()
process.exit()

async function profileRequests(title, name, more) {
  // Its modules, put together: in the program they are bundled, and one could not tell whose a function is.
  const gateway = await startProfiled(
    name,
    [partGateway],
    steps.map(({ part }) => part),
  )
  const order = { kind: 'run', port: gateway.port, pid: gateway.pid, work: 'get', rate: null, ...more }
  await stage.tellLoad({ ...order, ...warmUp })
  const { cpuMicros, requests } = await stage.tellLoad({ ...order, ...measured })
  const profile = await gateway.end()
  print(
    `${title}: ${(cpuMicros / requests).toFixed(1)} µs of CPU, the profiler's own included`,
    sharesOf(profile, onTop),
  )
}

async function profileStart() {
  const before = performance.now()
  const gateway = await startProfiled('start', [join(dist, 'cli/main.js'), 'start', '--config'], [])
  const untilMs = performance.now() - before
  const profile = await gateway.end()
  print(
    `start: ${untilMs.toFixed(0)} ms until it listens, by whose file was at work`,
    sharesOf(profile, onBehalfOf, { untilMs }),
  )
}

/** A gateway under the profiler. @returns it, and how it is ended: with its profile */
async function startProfiled(name, program, rest) {
  const folder = join(results, `profile-${name}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const config = writeConfig({ ...stage, name, upstream: `http://127.0.0.1:${upstream.port}` })
  const args = ['--cpu-prof', '--cpu-prof-dir', folder, ...program, config, ...rest]
  const gateway = await startProgram({ command: process.execPath, args, processors: stage.places.proxy })
  const end = async () => {
    gateway.child.kill('SIGTERM')
    await new Promise(resolve => gateway.child.once('close', resolve))
    return JSON.parse(readFileSync(join(folder, readdirSync(folder)[0]), 'utf8'))
  }
  return { ...gateway, end }
}

function print(title, shares) {
  process.stdout.write(`\n${title}\n`)
  for (const [group, percent] of shares.filter(([, percent]) => percent >= 0.3))
    process.stdout.write(`${percent.toFixed(1).padStart(6)} %  ${group}\n`)
}

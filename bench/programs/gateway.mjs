// Starts the gateway of this repository for a benchmark: a process of its own, as an operator starts it.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { startProgram } from './child.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The compiled gateway. Another one can be measured by naming its folder, such as that of the last release. */
export const dist = resolve(root, process.env.GATEWAY_DIST ?? 'dist')

/**
 * Limits stay on, at a height that a benchmark does not reach: what they cost is counted, and nobody is refused.
 */
const unreached = { requests: 1_000_000, windowSec: 1 }

/**
 * Writes a configuration with the defaults but for what a benchmark needs.
 *
 * @param folder of the run; the secret, the configuration and the log are written there
 * @param upstream origin
 * @param given members of the configuration that replace these, one level deep
 * @returns its path
 */
export function writeConfig({ folder, name = 'gateway', secret, upstream, given = {} }) {
  const common = {
    environment: 'sandbox',
    listen: { host: '127.0.0.1', port: 0 },
    admin: null,
    upstream: { api: upstream, budget: { ...unreached, maxWaitMs: 1500 } },
    session: { verify: 'signature', jwt: { secret: { file: `${name}.secret` } } },
    policy: { file: join(root, 'config/policy.yaml') },
    limits: { perSession: unreached, perAddress: unreached, denialsPerAddress: unreached },
    log: { level: 'info', destination: `${name}.log` },
  }
  const merged = Object.keys({ ...common, ...given }).map(key => [key, merge(common[key], given[key])])
  const file = join(folder, `${name}.yaml`)
  writeFileSync(join(folder, `${name}.secret`), secret, { mode: 0o600 })
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(Object.fromEntries(merged), null, 1))
  return file
}

/** @returns the process and where it listens; see `startProgram` */
export async function startGateway({ processors, port, ...options }) {
  const listen = { ...options.given?.listen, ...(port !== undefined && { port }) }
  const config = writeConfig({ ...options, given: { ...options.given, listen } })
  const args = [join(dist, 'cli/main.js'), 'start', '--config', config]
  return startProgram({ command: process.execPath, args, processors })
}

function merge(common, given) {
  if (given === undefined) return common
  return given === null || typeof given !== 'object' ? given : { ...common, ...given }
}

// Installs the peers, as bench/package-lock.json says, where that has not been done.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('..', import.meta.url))
const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** @throws Error when npm cannot */
export function installPeers() {
  if (Object.entries(dependencies).every(([name, version]) => installedVersion(name) === version)) return
  process.stderr.write('Installing the proxies to compare with in bench/node_modules (once) …\n')
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) throw new Error('npm ci in bench/ failed: the peers are not installed')
}

/** By name. */
export function peerVersions() {
  return Object.fromEntries(Object.keys(dependencies).map(name => [name, installedVersion(name)]))
}

function installedVersion(name) {
  const file = join(folder, 'node_modules', name, 'package.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined
}

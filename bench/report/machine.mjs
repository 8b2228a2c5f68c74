// What the figures were measured on and with.
import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { haproxyVersion } from '../peers/haproxy.mjs'
import { peerVersions } from '../peers/install.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

export function machineFacts({ places }) {
  return {
    date: new Date().toISOString().slice(0, 16),
    commit: commit(),
    processor: cpus()[0].model.trim(),
    processors: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    kernel: `${process.platform} ${release()}`,
    loadBefore: loadavg()[0],
    places,
    versions: { node: process.versions.node, ...peerVersions(), haproxy: haproxyVersion() ?? 'not installed' },
  }
}

function commit() {
  try {
    const git = args => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const isChanged =
      git(['--no-optional-locks', 'status', '--porcelain', '--', 'src', 'bench', 'package-lock.json']).trim() !== ''
    return `${git(['rev-parse', '--short', 'HEAD']).trim()}${isChanged ? ' and changes on top' : ''}`
  } catch {
    return 'unknown'
  }
}

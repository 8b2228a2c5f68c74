// Memory of connections that do nothing: each had one answer, and is kept.
import { setTimeout as later } from 'node:timers/promises'
import { processTree, residentMiB } from '../load/process-cost.mjs'
import { mostConnections } from '../peers/haproxy.mjs'
import { openFilesLimit } from '../programs/open-files.mjs'
import { everybody } from './entrants.mjs'

/** Files that a proxy needs besides: connections to the upstream, its log, what the platform opens. */
const otherFiles = 400

/**
 * @param wanted how many, where a process may have so many open
 * @returns a row per proxy: resident memory before and after, and KiB per connection
 */
export async function idleConnections(stage, wanted, tell) {
  const possible = Math.min(wanted, openFilesLimit() - otherFiles)
  const rows = []
  for (const entrant of everybody({ work: 'get' }, undefined, name => ({ key: `idle ${name}` }))) {
    const count = entrant.name === 'haproxy' ? Math.min(possible, mostConnections()) : possible
    tell(`${count} idle connections: ${entrant.title}`)
    const { pid, port } = await stage.proxy(entrant.key, entrant.start)
    // What the first requests need once is not to be counted with the connections.
    await stage.tellLoad({ kind: 'run', pid, port, ...entrant.order, rate: null, measureMs: 300 })
    const beforeMiB = residentMiB(processTree(pid))
    await stage.tellLoad({ kind: 'hold', port, count })
    await later(500)
    const afterMiB = residentMiB(processTree(pid))
    await stage.tellLoad({ kind: 'release' })
    await stage.stopProxies(key => key === entrant.key)
    rows.push({ ...entrant, count, beforeMiB, afterMiB, kibEach: ((afterMiB - beforeMiB) * 1024) / count })
  }
  return rows
}

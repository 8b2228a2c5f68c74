// Which processor runs what: the proxy has one for itself, so that the load takes nothing from it.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * @returns lists for `taskset`, null where it is missing or there is one processor: `proxy`, `pair` (for two workers),
 *   `load`, `upstream`; `isPairFree`: whether the pair has its processors for itself
 */
export function processorPlaces() {
  const [one, two, three, four] = hasTaskset() ? allowedProcessors() : []
  if (two === undefined) return { proxy: null, pair: null, load: null, upstream: null, isPairFree: false }
  const pair = `${one},${two}`
  if (four !== undefined) return { proxy: one, pair, load: three, upstream: four, isPairFree: true }
  return { proxy: one, pair, load: two, upstream: three ?? two, isPairFree: false }
}

function hasTaskset() {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** As in `0-3,8`, each by itself. */
function allowedProcessors() {
  const [, list = ''] = /^Cpus_allowed_list:\s+(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return list.split(',').flatMap(part => {
    const [first, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => String(first + index))
  })
}

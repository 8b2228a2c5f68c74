import { readFileSync } from 'node:fs'

/** Most client connections of one process. Each may hold some 100 KiB; more than these are for more processes. */
export const mostConnections = 10_000

/** File descriptors for everything but connections: libraries, logs, the event loop, the admin listener. */
const descriptorsForOurselves = 48

/**
 * How many clients may be connected at a time. Where the system lets the process open few files, some are kept back for
 * the way to the upstream: a client that is let in and then answered 502 is worse off than one that waits.
 *
 * @param openFiles how many files may be open; undefined: not known
 * @param upstreamConnections most connections to the upstream
 */
export function connectionCap(openFiles: number | undefined, upstreamConnections: number): number {
  if (openFiles === undefined) return mostConnections
  const left = openFiles - descriptorsForOurselves - upstreamConnections
  // However few there are: with none, nobody would be served at all.
  return Math.max(8, Math.min(mostConnections, left))
}

/** The limit on open files, where the system tells it (Linux). */
export function openFilesLimit(file = '/proc/self/limits'): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+)\s/m.exec(readFileSync(file, 'utf8')) ?? []
    return soft === undefined ? undefined : Number(soft)
  } catch {
    return undefined
  }
}

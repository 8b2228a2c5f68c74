// How many files, and so connections, a process may have open.
import { readFileSync } from 'node:fs'

/** The hard limit, to which Node.js and HAProxy raise their own; infinity where there is none or it is not told. */
export function openFilesLimit() {
  try {
    const [, hard] = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return hard === undefined ? Number.POSITIVE_INFINITY : Number(hard)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

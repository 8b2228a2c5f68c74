import type { FileFinding } from './scan-paths.ts'
import { showPath } from './show-path.ts'

/** A finding as one line: `file:line:column kind environment masked`, with `expired` behind it where that is so. */
export function formatFinding({ file, line, column, kind, environment, masked, isExpired }: FileFinding): string {
  return `${showPath(file)}:${line}:${column} ${kind} ${environment ?? '-'} ${masked}${isExpired ? ' expired' : ''}`
}

/** A finding as JSON, on one line. */
export function findingJson({ file, line, column, kind, environment, masked, isExpired }: FileFinding): string {
  return JSON.stringify({ file: showPath(file), line, column, kind, environment, expired: isExpired, masked })
}

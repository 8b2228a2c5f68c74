import type { z } from 'zod'
import type { ConfigProblem } from './config-error.ts'
import { checkShape, type SchemaIssue } from './schema-issues.ts'
import { type KeyPath, keyText, type YamlFile } from './yaml-file.ts'

/** A document of which every part that does not fit was replaced by its default, so that the rest can be checked too. */
export interface ReadDocument<T> {
  readonly document: T
  readonly problems: readonly ConfigProblem[]
}

type Plain = Record<string, unknown>

/**
 * Compares a file with a schema and goes on whatever is wrong, so that one run shows every problem.
 *
 * @param standIns values of top-level keys that have no default, used where the file has none that fits
 */
export function readShape<T>(schema: z.ZodType<T>, yaml: YamlFile, standIns: Plain = {}): ReadDocument<T> {
  const first = checkShape(schema, yaml.value)
  if ('document' in first) return { document: first.document, problems: [] }
  const problems = first.map(issue => problemOf(yaml, issue))

  let written: Plain = isPlain(yaml.value) ? structuredClone(yaml.value) : {}
  let issues: readonly SchemaIssue[] = first
  // Each round cuts less deep: a part that its neighbour needs takes the neighbour along.
  for (let depth = 0; ; depth++) {
    for (const { path, culprit = path } of issues) cut(written, culprit.slice(0, Math.max(1, culprit.length - depth)))
    written = { ...standIns, ...written }
    const next = checkShape(schema, written)
    if ('document' in next) return { document: next.document, problems }
    if (depth > 8) throw new Error('a configuration without its wrong parts does not fit its own schema')
    issues = next
  }
}

/** A problem at the position of what does not fit, whether or not its key is named. */
export function problemOf(yaml: YamlFile, { path, message, culprit = path }: SchemaIssue): ConfigProblem {
  return { ...yaml.problem(culprit, message), path: keyText(path) }
}

/** Removes what a path leads to; of a list, the whole list. */
function cut(value: Plain, path: KeyPath): void {
  const [key, next, ...rest] = path
  if (typeof key !== 'string') return
  const inner = value[key]
  if (typeof next === 'string' && isPlain(inner)) cut(inner, [next, ...rest])
  else delete value[key]
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import { z } from 'zod'
import { nearestWord } from './nearest-word.ts'
import type { KeyPath } from './yaml-file.ts'

/** Something that does not fit a schema: where, and what to write instead. */
export interface SchemaIssue {
  readonly path: KeyPath
  readonly message: string
  /** What does not fit, where `path` does not lead to it: its key is not named. */
  readonly culprit?: KeyPath
}

/**
 * Compares a value with a schema.
 *
 * @returns the value with its defaults, or everything that is wrong with it. No message repeats a value
 */
export function checkShape<T>(schema: z.ZodType<T>, value: unknown): { readonly document: T } | readonly SchemaIssue[] {
  const result = schema.safeParse(value, { error: describeIssue })
  if (result.success) return { document: result.data }
  return result.error.issues.flatMap(issue => {
    const path = issue.path as KeyPath
    if (issue.code !== 'unrecognized_keys') return [withoutOddKeys({ path, message: issue.message })]
    return issue.keys.map(key => withoutOddKeys(unknownKey(schema, path, key)))
  })
}

/** Keys that are words of a configuration. Anything else may be a secret in the wrong place: it is not repeated. */
const plainKey = /^[A-Za-z$_-]{1,32}$/

/** What is wrong at a key whose name was chosen by whoever wrote it is told of what holds it. */
function withoutOddKeys(issue: SchemaIssue): SchemaIssue {
  const { path, culprit = path } = issue
  const odd = path.findIndex(key => typeof key === 'string' && !plainKey.test(key))
  return odd < 0 ? issue : { ...issue, path: path.slice(0, odd), culprit }
}

/** What to write instead, for what the schema has no sentence of its own. */
function describeIssue(issue: z.core.$ZodRawIssue): string {
  const must = issue.input === undefined ? 'is needed: write' : 'must be'
  if (issue.code === 'invalid_value') return `${must} one of ${issue.values.join(', ')}`
  if (issue.code === 'invalid_type') return `${must} ${kinds[issue.expected] ?? issue.expected}`
  if (issue.code === 'invalid_key') return 'is not a fit name: write lower-case letters, digits and "_"'
  return 'is not valid'
}

const kinds: Readonly<Record<string, string>> = {
  array: 'a list, such as [a, b]',
  boolean: 'true or false',
  object: 'keys and values, such as { key: value }',
  record: 'keys and values, such as { key: value }',
  string: 'text in quotes',
}

function unknownKey(schema: z.ZodType, path: KeyPath, key: string): SchemaIssue {
  if (!plainKey.test(key)) return { path, message: 'holds a key that is not known: remove it', culprit: [...path, key] }
  const known = knownKeys(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema, path)
  const near = nearestWord(key, known)
  const advice = near === undefined ? `known keys: ${known.join(', ')}` : `did you mean "${near}"?`
  return { path: [...path, key], message: `is not a known key; ${advice}` }
}

/** As much of JSON Schema as a configuration needs. */
export interface JsonSchema {
  description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
  readonly additionalProperties?: JsonSchema | false
  readonly anyOf?: readonly JsonSchema[]
}

function knownKeys(schema: JsonSchema, path: KeyPath): readonly string[] {
  return Object.keys(schemaAt(schema, path)?.properties ?? {})
}

/** The part of a schema that a path leads to, null set aside; undefined when the schema has no such key. */
export function schemaAt(schema: JsonSchema, path: KeyPath): JsonSchema | undefined {
  const plain = schema.anyOf?.find(option => option.properties ?? option.items) ?? schema
  const [key, ...rest] = path
  if (key === undefined) return plain
  const next = typeof key === 'number' ? plain.items : (plain.properties?.[key] ?? plain.additionalProperties)
  return next ? schemaAt(next, rest) : undefined
}

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
    if (issue.code === 'invalid_type' && issue.message.endsWith(keysAndValues)) {
      return [withoutOddKeys({ path, message: `${issue.message}${membersOf(schema, path)}` })]
    }
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
  if (issue.code === 'invalid_value') return `${must} one of ${issue.values.join(', ')}${meant(issue)}`
  if (issue.code === 'invalid_type') return `${must} ${kinds[issue.expected] ?? issue.expected}`
  if (issue.code === 'invalid_key') return 'is not a fit name: write lower-case letters, digits and "_"'
  return 'is not valid'
}

/** What somebody who wrote another word most likely meant. */
function meant({ input, values }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidValue>): string {
  const near = typeof input === 'string' ? nearestWord(input, values.map(String)) : undefined
  return near === undefined ? '' : `; did you mean "${near}"?`
}

const keysAndValues = 'keys and values'

const kinds: Readonly<Record<string, string>> = {
  array: 'a list, such as [a, b]',
  boolean: 'true or false',
  object: keysAndValues,
  record: keysAndValues,
  string: 'text in quotes',
}

/** What stands where keys and values belong: `: { requests, windowSec }, or null`. */
function membersOf(schema: z.ZodType, path: KeyPath): string {
  const json = jsonSchemaOf(schema)
  const known = knownKeys(json, path)
  const members = known.length === 0 ? ', such as { key: value }' : `: { ${known.join(', ')} }`
  const isNullable = nullableAt(json, path)?.anyOf?.some(({ type }) => type === 'null')
  return isNullable ? `${members}, or null` : members
}

function unknownKey(schema: z.ZodType, path: KeyPath, key: string): SchemaIssue {
  if (!plainKey.test(key)) return { path, message: 'holds a key that is not known: remove it', culprit: [...path, key] }
  const known = knownKeys(jsonSchemaOf(schema), path)
  const near = nearestWord(key, known)
  const advice = near === undefined ? `known keys: ${known.join(', ')}` : `did you mean "${near}"?`
  return { path: [...path, key], message: `is not a known key; ${advice}` }
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input' }) as JsonSchema
}

/** As much of JSON Schema as a configuration needs. */
export interface JsonSchema {
  description?: string
  readonly type?: string
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
  const found = nullableAt(schema, path)
  return found && withoutNull(found)
}

/** The same with the alternatives that it has. */
function nullableAt(schema: JsonSchema, [key, ...rest]: KeyPath): JsonSchema | undefined {
  if (key === undefined) return schema
  const plain = withoutNull(schema)
  const next = typeof key === 'number' ? plain.items : (plain.properties?.[key] ?? plain.additionalProperties)
  return next ? nullableAt(next, rest) : undefined
}

function withoutNull(schema: JsonSchema): JsonSchema {
  return schema.anyOf?.find(option => option.properties ?? option.items) ?? schema
}

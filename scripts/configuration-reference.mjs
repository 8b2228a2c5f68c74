// The configuration reference as Markdown, made from the JSON Schema of the configuration and from nothing else.

const introduction = `# Configuration reference

<!-- Written by scripts/write-reference.mjs from the schema of the configuration. Do not edit it by hand. -->

Every key, made from the schema that reads the file. [config/gateway.example.yaml](../config/gateway.example.yaml) is the same
as a file that runs, with more words. The policy is a file of its own: [policy.md](policy.md).

- The file is YAML 1.2 or JSON. A key that is not listed here is an error, and so is a value outside its range;
  \`forage-gateway check --config FILE\` shows every problem at once.
- Relative paths begin at the folder of the file. Durations are in the unit that their name ends with.
- \`forage-gateway schema\` prints the JSON Schema, with which editors complete and check.

## Secrets

What is called a *secret* below is never spelled out: \`{ file: PATH }\` (one line end at the end is not part of it) or
\`{ env: NAME }\`. \`{ value: TEXT }\` is accepted only where \`environment\` is \`mock\` or \`local\`.
`

/**
 * @param schema JSON Schema of the configuration, as `forage-gateway schema` prints it
 * @returns Markdown with one row per key, in the order of the schema
 */
export function configurationReference(schema) {
  const keys = Object.entries(schema.properties)
  const isRequired = key => schema.required?.includes(key) ?? false
  const plain = keys.filter(([, part]) => !objectIn(part))
  const rooms = keys.filter(([, part]) => objectIn(part))
  const sections = [
    `## At the top\n\n${table(plain.map(([key, part]) => row(key, part, isRequired(key))))}`,
    ...rooms.map(([key, part]) => section(key, part)),
  ]
  return [introduction, ...sections].join('\n')
}

function section(key, part) {
  const absent = isNullable(part) ? ` \`${key}: null\` is accepted; default: ${defaultOf(part)}.` : ''
  return `## \`${key}\`\n\n${part.description ?? ''}${absent}\n\n${table(rowsUnder(key, part))}`
}

/** One row for each key, those of inner objects after the row of their own. */
function rowsUnder(prefix, part) {
  const { properties, required = [] } = objectIn(part)
  return Object.entries(properties).flatMap(([key, inner]) => {
    const path = `${prefix}.${key}`
    return [row(path, inner, required.includes(key)), ...(objectIn(inner) ? rowsUnder(path, inner) : [])]
  })
}

function table(rows) {
  return `| key | value | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

function row(path, part, isRequired) {
  const shown = isRequired ? '**required**' : defaultOf(part)
  return `| \`${path}\` | ${allowedBy(part)} | ${shown} | ${descriptionOf(part)} |`
}

function defaultOf(part) {
  const value = part.default
  if (objectIn(part) && value !== null) return 'as below'
  return value === undefined ? 'none' : `\`${JSON.stringify(value)}\``
}

/** Null is told of apart, so that every key reads alike. */
function allowedBy(part) {
  return isNullable(part) ? `${allowedBy(withoutNull(part))}, or null` : wordsFor(part)
}

function wordsFor(part) {
  if (isSecret(part)) return '[secret](#secrets)'
  if (objectIn(part)) return 'the keys below'
  if (part.anyOf) return part.anyOf.map(allowedBy).join(', or ')
  if (part.enum) return part.enum.map(code).join(', ')
  if ('const' in part) return code(part.const)
  if (part.type === 'array') return `list of ${lengthOf(part)}${allowedBy(part.items)}`
  if (part.type === 'object') return mapOf(part)
  if (part.type === 'boolean') return '`true`, `false`'
  return isNumber(part) ? numberOf(part) : 'text'
}

function isNumber({ type }) {
  return type === 'integer' || type === 'number'
}

function numberOf({ type, minimum, maximum }) {
  return `${type === 'integer' ? 'whole number' : 'number'}, ${minimum} to ${maximum}`
}

function lengthOf({ minItems = 0, maxItems }) {
  if (maxItems !== undefined) return `${minItems} to ${maxItems}: `
  return minItems > 0 ? `${minItems} or more: ` : ''
}

function mapOf({ additionalProperties }) {
  const isEmpty = additionalProperties?.properties && Object.keys(additionalProperties.properties).length === 0
  return isEmpty ? 'names, each with `{}`' : `names, each with ${allowedBy(additionalProperties)}`
}

function code(value) {
  return `\`${value}\``
}

/** What stands beside the key; of a value that may be null, often beside the value. */
function descriptionOf(part) {
  const text = part.description ?? part.anyOf?.find(({ description }) => description)?.description ?? ''
  return text.replaceAll('|', '\\|')
}

/** The object whose keys are ours, where a value is one. A secret is a value, and so are names that anybody chooses. */
function objectIn(part) {
  if (isSecret(part)) return undefined
  if (part.properties) return part
  return part.anyOf?.map(objectIn).find(found => found)
}

function isSecret(part) {
  return part.anyOf?.some(({ properties }) => properties && 'env' in properties) ?? false
}

function isNullable({ type, anyOf }) {
  return (Array.isArray(type) && type.includes('null')) || (anyOf?.some(({ type: inner }) => inner === 'null') ?? false)
}

function withoutNull(part) {
  if (Array.isArray(part.type)) return { ...part, type: part.type.find(type => type !== 'null') }
  const others = part.anyOf.filter(({ type }) => type !== 'null')
  return others.length === 1 ? others[0] : { ...part, anyOf: others }
}

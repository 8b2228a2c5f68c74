import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { configJsonSchema } from '../../src/config/config-json-schema.ts'
import { configSchema } from '../../src/config/config-schema.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { packageFile } from '../../src/config/package-files.ts'
import { checkShape, type JsonSchema } from '../../src/config/schema-issues.ts'
import { sessionSecret } from './a-config.ts'

type Leaf = readonly [path: string, schema: JsonSchema & { readonly default?: unknown }]

const file = packageFile('config', 'gateway.example.yaml')
const leaves = leavesOf(configJsonSchema(), '')
const names = new Set(leaves.flatMap(([path]) => path.split('.')))
const complete: unknown = parse(uncomment(readFileSync(file, 'utf8')))

/** Keys that hold no other keys. A secret is one: how it is written is explained once, at the top. */
function leavesOf(schema: JsonSchema, path: string): readonly Leaf[] {
  const isSecret = schema.anyOf?.some(option => option.properties && 'env' in option.properties)
  const plain = isSecret ? schema : (schema.anyOf?.find(option => option.properties) ?? schema)
  if (!plain.properties) return [[path, schema]]
  return Object.entries(plain.properties).flatMap(([key, inner]) =>
    leavesOf(inner, path === '' ? key : `${path}.${key}`),
  )
}

/** Takes the comment mark off lines that hold a key. */
function uncomment(text: string): string {
  const commented = /^( *)# ( *)(([A-Za-z]+):(?: .*)?)$/
  const lines = text.split('\n').map(line => {
    const [, before = '', after = '', content = '', name = ''] = commented.exec(line) ?? []
    return names.has(name) ? `${before}${after}${content}` : line
  })
  return lines.join('\n')
}

function valueAt(path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], complete)
}

t.test('the example loads as it is', async t => {
  const config = loadConfig(file, { FORAGE_SESSION_SECRET: sessionSecret })
  t.match(config, {
    environment: 'sandbox',
    session: { verify: 'signature' },
    admin: { port: 9090 },
    drainTimeoutMs: 30000,
  })
})

t.test('the example with everything that is off by default fits the schema', async t => {
  t.match(checkShape(configSchema, complete), { document: { environment: 'sandbox' } })
})

t.test('the schema has as many keys as the contract', async t => {
  t.ok(leaves.length > 60, `${leaves.length} keys`)
})

/** Keys whose example is not their default: the comment says so. */
const examples = ['environment', 'session.verify', 'session.jwt.secret']

for (const [path, schema] of leaves) {
  t.test(`the example shows ${path}`, async t => {
    const value = valueAt(path)
    t.not(value, undefined)
    if (
      'default' in schema &&
      !examples.includes(path) &&
      !/^(?:issuing|listen\.tls|session\.timestamped)\./.test(path)
    )
      t.same(value, schema.default, 'with its default')
  })
}

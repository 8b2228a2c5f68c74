import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { parse } from 'yaml'
import { readForbidden } from '../../src/cli/check-forbidden.ts'
import { loadCases } from '../../src/cli/test-policy-cases.ts'
import { configJsonSchema } from '../../src/config/config-json-schema.ts'
import { readPolicy } from '../../src/config/read-policy.ts'
import type { JsonSchema } from '../../src/config/schema-issues.ts'
import type { Policy } from '../../src/gate/policy.ts'
import { loadDocumented } from './documented-configuration.ts'
import { type Block, documents, spansOf } from './markdown.ts'

const read = (file: string): string => readFileSync(file, 'utf8')
const spans = documents.flatMap(spansOf)

const reference = (await import(pathToFileURL(resolve('scripts/configuration-reference.mjs')).href)) as {
  configurationReference(schema: JsonSchema): string
}

t.test('docs/configuration.md is what the schema says: npm run build && node scripts/write-reference.mjs', async t => {
  t.equal(read('docs/configuration.md'), reference.configurationReference(configJsonSchema()))
})

const keyPaths = new Set(
  [...read('docs/configuration.md').matchAll(/^(?:\| |## )`([\w.]+)`/gm)].map(([, path = '']) => path),
)
const topKeys = new Set(Object.keys(configJsonSchema().properties ?? {}))

t.test('the reference has a row for each key, at whatever depth', async t => {
  t.ok(keyPaths.size > 90, `${keyPaths.size} keys`)
  for (const key of topKeys) t.ok(keyPaths.has(key), key)
})

/** Members of `/status` and files that look like keys. */
const noKeys = /\.(?:yaml|json|log|md|token|ts)$|^policy\.(?:digest|reported)$/

t.test('every key that a document names is one of the configuration', async t => {
  const named = spans
    .map(({ place, text }) => ({ place, key: /^([a-z]\w*(?:\.\w+)+)(?:: .*)?$/.exec(text)?.[1] ?? '' }))
    .filter(({ key }) => topKeys.has(key.split('.')[0] ?? '') && !noKeys.test(key))
  t.ok(named.length > 60, `${named.length} keys are named`)
  t.same(
    named.filter(({ key }) => !keyPaths.has(key)),
    [],
  )
})

t.test('every setting that is written out in prose has a key that is known', async t => {
  // These two tell of options of code, too.
  const others = documents.filter(
    ({ file }) => !['docs/plugins.md', 'docs/client.md', 'docs/deployment.md', 'CONTRIBUTING.md'].includes(file),
  )
  const known = new Set([...keyPaths].flatMap(path => path.split('.')))
  for (const key of ['useCase', 'merchantAccount']) known.add(key)
  const written = others
    .flatMap(spansOf)
    .map(({ place, text }) => ({ place, text, key: /^([a-z]+(?:[A-Z][a-z]+)+): /.exec(text)?.[1] }))
  t.same(
    written.filter(({ key }) => key !== undefined && !known.has(key)),
    [],
  )
})

/** Files of other programs. A block with none of our keys and none of these is one that nobody has thought of. */
const foreign = [
  'scrape_configs',
  'services',
  'apiVersion',
  'groups',
  'http',
  'rule_files',
  'repos',
  'on',
  'receivers',
  'extraEnv',
]
const shellFile = /<<'?(\w+)'?\n(.*?)\n\1$/gms

const yamlBlocks: readonly Block[] = documents.flatMap(({ blocks }) =>
  blocks.flatMap(({ place, language, text }) => {
    if (['yaml', 'yml'].includes(language)) return [{ place, language, text }]
    if (language !== 'sh') return []
    return [...text.matchAll(shellFile)].map(([, , inner = '']) => ({ place, language, text: inner })).filter(isOurs)
  }),
)

function keysOf(text: string): readonly string[] {
  const value: unknown = parse(text)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []
}

function isOurs({ text }: Block): boolean {
  try {
    return keysOf(text).some(key => topKeys.has(key))
  } catch {
    return false
  }
}

const wholePolicy = readPolicy('policy.yaml', read('config/policy.yaml')) as Policy

t.test('there are blocks of YAML to look at', async t => t.ok(yamlBlocks.length > 10, `${yamlBlocks.length}`))

for (const { place, text } of yamlBlocks) {
  t.test(`the YAML at ${place} is what it seems to be`, async t => {
    const keys = keysOf(text)
    if (keys.some(key => topKeys.has(key))) t.doesNotThrow(() => loadDocumented(t, text))
    else if (keys.includes('scopes')) t.hasProp(readPolicy('policy.yaml', text), 'routes')
    else if (keys.includes('cases'))
      t.ok(loadCases(join(t.testdir({ 'cases.yaml': text }), 'cases.yaml'), wholePolicy).length > 0)
    else if (keys.includes('forbid'))
      t.ok(readForbidden([], join(t.testdir({ 'forbidden.yaml': text }), 'forbidden.yaml')).length > 0)
    else
      t.ok(
        keys.some(key => foreign.includes(key)),
        `has keys of the gateway, or of a known program: ${keys.join(', ')}`,
      )
  })
}

t.test('every block of JSON can be parsed', async t => {
  for (const { blocks } of documents)
    for (const { place, language, text } of blocks)
      if (language === 'json') t.doesNotThrow(() => JSON.parse(text), place)
})

t.test('a configuration with a key that is not there, or a value out of range, is found', async t => {
  t.throws(() => loadDocumented(t, 'limits: { maxBodyByte: 1 }'), /maxBodyByte/)
  t.throws(() => loadDocumented(t, 'lameDuckMs: 60001'), /lameDuckMs/)
})

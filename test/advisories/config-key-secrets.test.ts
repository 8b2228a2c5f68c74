/*
 * The problems of a configuration repeated a secret that stood where the name of a key belongs.
 *
 * Keys that are not known were repeated when they were short, as some secrets are, and the names of use cases always.
 * Problems are printed by `check`, in pipelines for everybody to read, and by `start` into the log of a service.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { ConfigError } from '../../src/config/config-error.ts'
import { loadConfig } from '../../src/config/load-config.ts'

const secrets = ['9f8e7d6c5b4a39281706', 'sandbox_sZaw0123456789abcdefghijklmnop', 'Tr0ub4dor']

for (const secret of secrets) {
  const documents: Readonly<Record<string, string>> = {
    'at the top': `{ "${secret}": 1 }`,
    'within a secret': `admin: { token: { ${secret}: 1 } }`,
    'beside the file of a secret': `admin: { token: { file: a, ${secret}: 1 } }`,
    'as a use case': `issuing: { useCases: { ${secret}: 1 } }`,
    'within a use case': `issuing: { useCases: { ${secret}: { ${secret}: 1 } } }`,
  }
  for (const [where, document] of Object.entries(documents)) {
    t.test(
      `${secret.length} characters as a key ${where} are a problem with a position, and are not repeated`,
      async t => {
        const file = join(t.testdir(), 'gateway.yaml')
        writeFileSync(file, `environment: sandbox\n${document.startsWith('{') ? document.slice(2, -2) : document}\n`)
        const error = t.throws(() => loadConfig(file, {}), { code: 'ERR_FORAGE_CONFIG' }) as ConfigError
        t.notMatch(error.message, secret)
        t.notMatch(JSON.stringify(error.problems), secret)
        t.ok(error.problems.some(({ line }) => line === 2))
      },
    )
  }
}

t.test('a key that looks like a word is repeated, with the key that was meant', async t => {
  const file = join(t.testdir(), 'gateway.yaml')
  writeFileSync(file, 'environment: sandbox\ndrainTimeOutMs: 1\n')
  const error = t.throws(() => loadConfig(file, {})) as ConfigError
  t.match(error.message, 'gateway.yaml:2:1 drainTimeOutMs: is not a known key; did you mean "drainTimeoutMs"?')
})

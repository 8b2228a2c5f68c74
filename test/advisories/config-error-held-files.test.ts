/*
 * Weakness: the error about a configuration held the files that had been read, in a field like any other, so that a later
 * reload could watch them. Whoever printed the error (Node does, of one that nobody caught) printed secrets in base64. Met
 * before it was released.
 */
import { inspect } from 'node:util'
import t from 'tap'
import { ConfigError } from '../../src/config/config-error.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { fineConfig, fineEnv, writeConfig } from '../config/a-config.ts'
import { formsOf } from '../fixtures/canary-forms.ts'

const canary = 'a-canary-that-nobody-may-see-0123456789'

t.test('an error about a configuration shows no file, however it is printed', async t => {
  const file = writeConfig(t, `${fineConfig}admin: { port: 99999, token: { file: admin } }\n`, { admin: canary })
  const error = await Promise.resolve()
    .then(() => loadConfig(file, fineEnv))
    .catch(cause => cause)
  t.ok(error instanceof ConfigError)
  const printed = [
    inspect(error, { depth: 20, showHidden: true }),
    JSON.stringify(error),
    String(error),
    JSON.stringify(Object.entries(error)),
    error.stack,
  ].join('\n')
  for (const [form, text] of formsOf(canary)) t.notOk(printed.includes(text), form)
  t.match(Object.keys((error as ConfigError).files()).join(), 'admin', 'and yet it knows which ones to watch')
})

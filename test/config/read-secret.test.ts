import t, { type Test } from 'tap'
import { loadConfig } from '../../src/config/load-config.ts'
import { finePolicy, problemsOf, sessionSecret, writeConfig } from './a-config.ts'

function config(environment: string, secret: string): string {
  const upstream = environment === 'mock' ? 'upstream: { api: "http://127.0.0.1:1" }\n' : ''
  return `environment: ${environment}\n${upstream}${finePolicy}\nsession: { verify: signature, jwt: { secret: ${secret} } }`
}

function readSecret(t: Test, content: string): string {
  const file = writeConfig(t, config('prod', '{ file: secret }'), { secret: content })
  return Buffer.from(loadConfig(file, {}).session.keys.jwtSecrets[0] ?? '').toString()
}

t.test('one line end at the end of a secret file is not part of the secret', async t => {
  t.equal(readSecret(t, sessionSecret), sessionSecret)
  t.equal(readSecret(t, `${sessionSecret}\n`), sessionSecret)
  t.equal(readSecret(t, `${sessionSecret}\r\n`), sessionSecret)
  t.equal(readSecret(t, `${sessionSecret}\n\n`), `${sessionSecret}\n`)
  t.equal(readSecret(t, ` ${sessionSecret} `), ` ${sessionSecret} `)
})

t.test('a secret file that is empty or absent is refused', async t => {
  const empty = writeConfig(t, config('prod', '{ file: secret }'), { secret: '\n' })
  t.match(problemsOf(empty), [{ path: 'session.jwt.secret.file', message: /is an empty file/ }])
  const absent = writeConfig(t, config('prod', '{ file: secret }'))
  t.match(problemsOf(absent), [{ path: 'session.jwt.secret.file', message: /there is no such file/ }])
})

t.test('an environment variable that is absent or empty is refused by its name', async t => {
  const file = writeConfig(t, config('prod', '{ env: SESSION_SECRET }'))
  t.match(problemsOf(file, {}), [{ path: 'session.jwt.secret.env', message: /SESSION_SECRET is not set/ }])
  t.match(problemsOf(file, { SESSION_SECRET: '' }), [{ message: /SESSION_SECRET is empty/ }])
})

for (const environment of ['dev', 'staging', 'sandbox', 'cert', 'prod']) {
  t.test(`${environment} takes no secret that is spelled out`, async t => {
    const file = writeConfig(t, config(environment, `{ value: ${sessionSecret} }`))
    t.match(problemsOf(file), [{ path: 'session.jwt.secret.value', message: /mock and local only/ }])
  })
}

t.test('a session without key material is refused', async t => {
  t.match(problemsOf(writeConfig(t, config('prod', 'null'))), [{ path: 'session.jwt.secret', message: /is needed/ }])
})

const secret = 'hunter2hunter2'
const leaks = [
  config('prod', secret),
  config('prod', `[${secret}]`),
  config('prod', `{ ${secret} }`),
  config('prod', `{ value: ${secret} }`),
  config('prod', `{ env: ${secret} }`),
  config('prod', `{ file: ${secret} }`),
  config('prod', `{ file: a, env: ${secret} }`),
  config('prod', `*${secret}`),
  config('prod', `!${secret} x`),
  config('prod', `"${secret}`),
  config('prod', `{ value: "${secret}\\q" }`),
  `${config('prod', 'null')}\nstate: { redisUrl: ${secret} }`,
  `${config('prod', 'null')}\nlisten: { port: ${secret} }`,
  `${config('prod', 'null')}\nupstream: { api: "https://user:${secret}@api.example" }`,
  `${config('prod', 'null')}\ntracing: { otlpEndpoint: "https://user:${secret}@traces.example" }`,
  `${config('prod', 'null')}\n${secret}${secret}: 1`,
]

// The folder of a test has its name, and the problems have the name of the folder: the secret stays out of both.
for (const [index, text] of leaks.entries()) {
  t.test(`a secret in the wrong place is not repeated (place ${index})`, async t => {
    const problems = problemsOf(writeConfig(t, text), {})
    t.not(problems.length, 0)
    t.notMatch(JSON.stringify(problems), secret)
  })
}

import t from 'tap'
import { apiOrigin, environments, isDevelopment, isEnvironment } from '../../src/forage/environments.ts'

const table: readonly (readonly [environment: string, isDevelopment: boolean, origin: string | null])[] = [
  ['mock', true, null],
  ['local', true, null],
  ['dev', false, 'https://api.dev.joinforage.app'],
  ['staging', false, 'https://api.staging.joinforage.app'],
  ['sandbox', false, 'https://api.sandbox.joinforage.app'],
  ['cert', false, 'https://api.cert.joinforage.app'],
  ['prod', false, 'https://api.joinforage.app'],
]
for (const [environment, development, origin] of table) {
  t.test(`${environment} is an environment, its API is ${origin ?? 'nowhere public'}`, async t => {
    if (!isEnvironment(environment)) return t.fail('no environment')
    t.equal(isDevelopment(environment), development)
    t.equal(apiOrigin(environment), origin)
  })
}

t.test('there are no other environments', async t => {
  t.same(
    environments,
    table.map(([environment]) => environment),
  )
})

for (const text of ['', 'Prod', 'PROD', 'production', 'prod_', ' prod', 'constructor', '__proto__', 'length']) {
  t.test(`"${text}" is no environment`, async t => t.equal(isEnvironment(text), false))
}

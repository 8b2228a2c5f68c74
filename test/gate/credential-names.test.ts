import t from 'tap'
import { credentialNamed } from '../../src/gate/credential-names.ts'

const table: readonly (readonly [name: string, carries: 'token' | 'client' | undefined])[] = [
  ['token', 'token'],
  ['access_token', 'token'],
  ['access-token', 'token'],
  ['ACCESS-Token', 'token'],
  ['sessionToken', 'token'],
  ['Authorization', 'token'],
  ['X-KEY', 'token'],
  ['client_id', 'client'],
  ['Client-Secret', 'client'],
  ['clientSecret', 'client'],
  ['clientId', 'client'],
  ['tokens', undefined],
  ['customer_id', undefined],
  ['', undefined],
  ['constructor', undefined],
  ['__proto__', undefined],
]
for (const [name, carries] of table) {
  t.test(`the query parameter "${name}" carries ${carries ?? 'no credential'}`, async t =>
    t.equal(credentialNamed(name, 'query'), carries),
  )
}

for (const name of ['session_token', 'Access-Token', 'authorization']) {
  t.test(`the cookie "${name}" carries a token`, async t => t.equal(credentialNamed(name, 'cookie'), 'token'))
}

for (const name of ['token', 'auth', 'jwt', 'theme']) {
  t.test(`the cookie "${name}" is the shop's own`, async t => t.equal(credentialNamed(name, 'cookie'), undefined))
}

t.test('a cookie with client credentials carries them', async t => {
  t.equal(credentialNamed('client_secret', 'cookie'), 'client')
})

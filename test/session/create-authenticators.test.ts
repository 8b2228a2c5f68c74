import t from 'tap'
import { createAuthenticators } from '../../src/session/create-authenticators.ts'
import { parseToken } from '../../src/session/parse-token.ts'
import type { ParsedToken } from '../../src/session/parsed-token.ts'
import type { KeyMaterial, SessionSettings } from '../../src/session/session-settings.ts'
import { createJwtSigner } from '../fixtures/jwt-signer.ts'
import { someSettings } from '../fixtures/sessions.ts'
import { aTimestampedToken } from '../fixtures/timestamped-token.ts'
import { testSecret } from '../fixtures/token.ts'

const noKeys: KeyMaterial = { jwtSecrets: [], timestampedSecrets: [], publicKey: null, jwks: null }
const timestamped = {
  salt: 'itsdangerous.Signer',
  digest: 'sha256',
  keyDerivation: 'django-concat',
  signsPrefix: false,
} as const

const make = (settings: Partial<SessionSettings>, keys: Partial<KeyMaterial>) =>
  createAuthenticators(
    someSettings(settings),
    { ...noKeys, ...keys },
    { environment: 'sandbox', now: () => 0, onKeyFailure: () => {}, onKeysChanged: () => {} },
  )

const es256 = createJwtSigner('ES256')
const jwtSettings = { algorithms: ['ES256'], issuer: null, audience: null, jwksUrl: null } as const
const parsed = (text: string) => parseToken(text, 'sandbox') as ParsedToken

t.test('a format without a key has nothing that could prove it', async t => {
  t.same(Object.keys(await make({}, {})), [])
  t.same(Object.keys(await make({}, { jwtSecrets: [testSecret] })), ['jwt'])
  t.same(Object.keys(await make({ timestamped }, {})), [])
  t.same(Object.keys(await make({ timestamped }, { timestampedSecrets: [testSecret] })), ['timestamped'])
  t.same(Object.keys(await make({}, { timestampedSecrets: [testSecret] })), [], 'a secret alone says not how it signs')
})

for (const [what, keys] of [
  ['a public key', { publicKey: es256.publicPem }],
  ['a set of keys', { jwks: { keys: [es256.jwk] } }],
] as const) {
  t.test(`${what} proves its tokens`, async t => {
    const { jwt } = await make({ jwt: jwtSettings }, keys)
    t.equal(await jwt?.(parsed(es256.token())), undefined)
    t.same(await jwt?.(parsed(createJwtSigner('ES256').token())), { reason: 'signature_invalid' })
  })
}

t.test('a public key is preferred to secrets that stand beside it', async t => {
  const { jwt } = await make({ jwt: jwtSettings }, { publicKey: es256.publicPem, jwtSecrets: [testSecret] })
  t.equal(await jwt?.(parsed(es256.token())), undefined)
})

t.test('the signer of timestamped tokens may sign the prefix of the environment', async t => {
  const { timestamped: plain } = await make({ timestamped }, { timestampedSecrets: [testSecret] })
  const signed = { ...timestamped, signsPrefix: true }
  const { timestamped: prefixed } = await make({ timestamped: signed }, { timestampedSecrets: [testSecret] })
  const token = parsed(aTimestampedToken())
  t.equal(await plain?.(token), undefined)
  t.same(await prefixed?.(token), { reason: 'signature_invalid' })
})

t.test('a set with no key that fits makes nothing', async t => {
  await t.rejects(make({ jwt: jwtSettings }, { jwks: { keys: [] } }), TypeError)
})

import t from 'tap'
import type { Sessions } from '../../src/session/create-sessions.ts'
import type { KeyMaterial } from '../../src/session/session-settings.ts'
import { createJwtSigner } from '../fixtures/jwt-signer.ts'
import { published, startKeyServer } from '../fixtures/key-server.ts'
import { someKeys, someSessions, verdictOn } from '../fixtures/sessions.ts'
import { aTimestampedToken } from '../fixtures/timestamped-token.ts'
import { aToken, testSecret } from '../fixtures/token.ts'

const now = 1_800_000_000
const claims = { a: 42, exp: now + 600 }
const token = aToken({ claims })
const nextSecret = Buffer.from('the secret that comes after the other one')
const nextToken = aToken({ claims, secret: nextSecret })
const timestamped = {
  salt: 'itsdangerous.Signer',
  digest: 'sha256',
  keyDerivation: 'django-concat',
  signsPrefix: false,
} as const

async function useKeys(sessions: Sessions, keys: KeyMaterial): Promise<void> {
  const use = await sessions.prepareKeys(keys)
  use()
}

t.test('while two secrets are live both verify; then a cached token of the old one is refused', async t => {
  const sessions = await someSessions({ now })
  const verdicts = () => Promise.all([verdictOn(sessions, token, now), verdictOn(sessions, nextToken, now)])
  t.same(await verdicts(), ['let in', 'signature_invalid'])
  await useKeys(sessions, { ...someKeys, jwtSecrets: [testSecret, nextSecret] })
  t.same(await verdicts(), ['let in', 'let in'])
  await useKeys(sessions, { ...someKeys, jwtSecrets: [nextSecret] })
  t.same(await verdicts(), ['signature_invalid', 'let in'])
})

t.test('a token that was being verified when its key went is let in this once, and not remembered', async t => {
  const sessions = await someSessions({ now })
  const verdict = sessions.verifier.verify(token, now)
  const rotated = useKeys(sessions, { ...someKeys, jwtSecrets: [nextSecret] })
  await Promise.all([verdict, rotated])
  t.equal(await verdictOn(sessions, token, now), 'signature_invalid')
})

t.test('unfit keys change nothing', async t => {
  const sessions = await someSessions({ now })
  await t.rejects(sessions.prepareKeys({ ...someKeys, jwks: { keys: [] } }))
  t.equal(await verdictOn(sessions, token, now), 'let in')
})

t.test('keys may come and go with a format', async t => {
  const sessions = await someSessions({ now }, { timestamped })
  const text = aTimestampedToken({ issuedAt: now })
  t.equal(await verdictOn(sessions, text, now), 'format_not_accepted')
  await useKeys(sessions, { ...someKeys, jwtSecrets: [], timestampedSecrets: [testSecret] })
  t.same(
    [await verdictOn(sessions, text, now), await verdictOn(sessions, token, now)],
    ['let in', 'format_not_accepted'],
  )
})

t.test('published keys that are known outlast a change of another secret while their URL is down', async t => {
  const es256 = createJwtSigner('ES256')
  const server = await startKeyServer(t, [es256.jwk])
  const jwt = { algorithms: ['ES256'], issuer: null, audience: null, jwksUrl: server.url } as const
  const sessions = await someSessions({ now }, { jwt, timestamped }, { keys: { ...someKeys, jwtSecrets: [] } })
  t.equal(await verdictOn(sessions, es256.token({ claims }), now), 'let in')
  server.answer = { status: 500, body: '' }
  await useKeys(sessions, { ...someKeys, jwtSecrets: [], timestampedSecrets: [testSecret] })
  t.equal(await verdictOn(sessions, es256.token({ claims: { ...claims, a: 43 } }), now), 'let in')
  t.equal(await verdictOn(sessions, aTimestampedToken({ issuedAt: now }), now), 'let in')
  t.equal(server.fetches(), 1)
})

t.test('a published key that is replaced under its own name takes the cached sessions with it', async t => {
  const clock = { now }
  const [old, fresh] = [createJwtSigner('ES256'), createJwtSigner('ES256')]
  const server = await startKeyServer(t, [{ ...old.jwk, kid: 'k' }])
  const jwt = { algorithms: ['ES256'], issuer: null, audience: null, jwksUrl: server.url } as const
  const sessions = await someSessions(clock, { jwt }, { keys: { ...someKeys, jwtSecrets: [] } })
  const header = { alg: 'ES256', kid: 'k' }
  const oldToken = old.token({ header, claims: { exp: now + 900 } })
  t.equal(await verdictOn(sessions, oldToken, now), 'let in')
  server.answer = published([{ ...fresh.jwk, kid: 'k' }])
  clock.now += 600
  // An unknown name is what makes it look at once.
  t.equal(
    await verdictOn(
      sessions,
      fresh.token({ header: { alg: 'ES256', kid: 'x' }, claims: { exp: now + 900 } }),
      clock.now,
    ),
    'signature_invalid',
  )
  t.equal(await verdictOn(sessions, oldToken, clock.now), 'signature_invalid')
  t.equal(await verdictOn(sessions, fresh.token({ header, claims: { exp: now + 900 } }), clock.now), 'let in')
})

t.test('issuer and audience are asked for in every mode', async t => {
  const jwt = { algorithms: ['HS256'], issuer: 'forage', audience: 'gateway', jwksUrl: null } as const
  const fine = aToken({ claims: { ...claims, iss: 'forage', aud: ['gateway'] } })
  for (const verify of ['signature', 'ledger', 'upstream'] as const) {
    const sessions = await someSessions({ now }, { verify, jwt })
    for (const text of [token, fine]) sessions.registry.record(text)
    t.same(
      [await verdictOn(sessions, token, now), await verdictOn(sessions, fine, now)],
      ['claims_invalid', 'let in'],
      verify,
    )
  }
})

t.test('no mode lets a token in that asks for no algorithm', async t => {
  const unsigned = aToken({ header: { alg: 'none' }, claims })
  for (const verify of ['signature', 'ledger', 'upstream'] as const) {
    const sessions = await someSessions({ now }, { verify })
    sessions.registry.record(unsigned)
    t.equal(await verdictOn(sessions, unsigned, now), 'algorithm_not_allowed', verify)
  }
})

t.test('another claim that narrows the grant counts at once, also for a session that was known', async t => {
  const sessions = await someSessions({ now }, {}, { scopeClaim: null })
  const text = aToken({ claims: { ...claims, scope: 'orders', may: 'payments' } })
  const narrowed = async () => {
    const verdict = await sessions.verifier.verify(text, now)
    return 'reason' in verdict ? verdict.reason : verdict.narrowedTo && [...verdict.narrowedTo]
  }
  t.equal(await narrowed(), undefined)
  sessions.useScopeClaim('scope')
  t.same(await narrowed(), ['orders'])
  sessions.useScopeClaim('may')
  t.same(await narrowed(), ['payments'])
  sessions.useScopeClaim(null)
  t.equal(await narrowed(), undefined)
})

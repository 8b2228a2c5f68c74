/*
 * Of an ECDSA signature (r, s) everybody can make a second valid one, (r, n - s), without the key. A revocation that
 * knows a token by its text or by its signature is walked around with that twin. Ours knows it by what was signed.
 */
import t from 'tap'
import { parseToken } from '../../src/session/parse-token.ts'
import { isRefusal } from '../../src/session/session.ts'
import { tokenIdentity } from '../../src/session/token-identity.ts'
import { createJwtSigner } from '../fixtures/jwt-signer.ts'
import { someKeys, someSessions, verdictOn } from '../fixtures/sessions.ts'

const now = 1_800_000_000

/** Orders of the curves (SEC 2). */
const orders = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ES512: BigInt(`0x1${'f'.repeat(65)}a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409`),
} as const

function twinOf(token: string, order: bigint): string {
  const [header, claims, signature = ''] = token.split('.')
  const octets = Buffer.from(signature, 'base64url')
  const half = octets.length / 2
  const s = BigInt(`0x${octets.subarray(half).toString('hex')}`)
  const other = Buffer.from((order - s).toString(16).padStart(half * 2, '0'), 'hex')
  return `${header}.${claims}.${Buffer.concat([octets.subarray(0, half), other]).toString('base64url')}`
}

for (const algorithm of ['ES256', 'ES384', 'ES512'] as const) {
  t.test(`the twin of a revoked ${algorithm} token is revoked with it`, async t => {
    const signer = createJwtSigner(algorithm)
    const jwt = { algorithms: [algorithm], issuer: null, audience: null, jwksUrl: null }
    const keys = { ...someKeys, jwtSecrets: [], publicKey: signer.publicPem }
    const sessions = await someSessions({ now }, { jwt }, { keys })
    const token = signer.token({ claims: { a: 42, exp: now + 600 } })
    const twin = twinOf(token, orders[algorithm])
    t.not(twin, token)
    t.same([await verdictOn(sessions, token, now), await verdictOn(sessions, twin, now)], ['let in', 'let in'])
    const identities = [token, twin].map(text => {
      const parsed = parseToken(text, 'sandbox')
      return isRefusal(parsed) ? parsed.reason : tokenIdentity(parsed.signedText)
    })
    t.equal(identities[0], identities[1])

    sessions.registry.revoke({ token })
    t.equal(await verdictOn(sessions, token, now), 'token_revoked')
    t.equal(await verdictOn(sessions, twin, now), 'token_revoked')
    t.equal(await verdictOn(sessions, twinOf(twin, orders[algorithm]), now), 'token_revoked')

    const other = await someSessions({ now }, { jwt }, { keys })
    other.registry.revoke({ token: twin })
    t.equal(await verdictOn(other, token, now), 'token_revoked', 'and the other way round, unseen')
  })
}

t.test('where no signature is verified, the twin is another token, and not on record', async t => {
  const signer = createJwtSigner('ES256')
  const sessions = await someSessions({ now }, { verify: 'ledger' })
  const token = signer.token({ claims: { a: 42, exp: now + 600 } })
  sessions.registry.record(token)
  t.equal(await verdictOn(sessions, token, now), 'let in')
  t.equal(await verdictOn(sessions, twinOf(token, orders.ES256), now), 'token_unknown')
})

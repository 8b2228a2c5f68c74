import t from 'tap'
import { createJwtAuthenticator } from '../../src/session/authenticate-jwt.ts'
import {
  createStaticKeys,
  importKeySet,
  importPublicKey,
  importSecrets,
  type JwtKey,
  selectKeys,
} from '../../src/session/jwt-keys.ts'
import { parseToken } from '../../src/session/parse-token.ts'
import type { ParsedToken } from '../../src/session/parsed-token.ts'
import { createJwtSigner, keyPair } from '../fixtures/jwt-signer.ts'

const rs256 = createJwtSigner('RS256')
const es256 = createJwtSigner('ES256')
const eddsa = createJwtSigner('EdDSA')
const hs256 = createJwtSigner('HS256')
const namesOf = (keys: readonly JwtKey[]) => keys.map(({ algorithm, keyId }) => [algorithm, keyId])

function named(...keys: readonly [algorithm: string, keyId: string | undefined][]): readonly JwtKey[] {
  return keys.map(([algorithm, keyId]) => ({ algorithm, keyId, key: {} }) as unknown as JwtKey)
}

t.test('a token gets the keys of its algorithm and of its kid, and those without a name', async t => {
  const keys = named(['ES256', 'a'], ['ES256', 'b'], ['RS256', 'a'], ['ES256', undefined])
  t.same(namesOf(selectKeys(keys, 'ES256', 'a')), [
    ['ES256', 'a'],
    ['ES256', undefined],
  ])
  t.same(namesOf(selectKeys(keys, 'RS256', 'b')), [])
  t.same(namesOf(selectKeys(keys, 'ES256', undefined)).length, 3, 'a token without kid may have been made with any')
  t.same(selectKeys(keys, 'none', undefined), [])
  t.same(selectKeys(named(['ES256', 'a']), 'ES256', '__proto__'), [])
})

t.test('four keys are tried for one token, not five', async t => {
  const keys = named(['ES256', 'a'], ['ES256', 'b'], ['ES256', 'c'], ['ES256', 'd'], ['ES256', 'e'])
  t.same(
    selectKeys(keys, 'ES256', undefined).map(key => key.keyId),
    ['a', 'b', 'c', 'd'],
  )
  t.same(namesOf(selectKeys(keys, 'ES256', 'e')), [['ES256', 'e']], 'a name finds its key wherever it stands')
})

t.test('secrets serve the HS* algorithms that are allowed, each of them', async t => {
  const keys = await importSecrets([hs256.secret, Buffer.from('another')], ['HS256', 'RS256', 'HS512'])
  t.same(namesOf(keys), [
    ['HS256', undefined],
    ['HS256', undefined],
    ['HS512', undefined],
    ['HS512', undefined],
  ])
  t.same(await importSecrets([hs256.secret], ['RS256']), [])
})

t.test('a public key serves the allowed algorithms of its family', async t => {
  t.same(namesOf(await importPublicKey(rs256.publicPem, ['RS256', 'PS256', 'ES256'])), [
    ['RS256', undefined],
    ['PS256', undefined],
  ])
  await t.rejects(importPublicKey(rs256.publicPem, ['ES256']), { message: 'no public key in PEM that fits ES256' })
  await t.rejects(importPublicKey('no PEM', ['ES256']), TypeError)
  await t.rejects(importPublicKey(rs256.publicPem, ['HS256']), TypeError, 'it is never taken for a secret')
})

t.test('an RSA key of 2048 bits is imported, one of 1024 is not', async t => {
  const { publicKey } = keyPair('RS256', 1024)
  await t.rejects(importPublicKey(publicKey.export({ type: 'spki', format: 'pem' }).toString(), ['RS256']), TypeError)
  const short = { ...publicKey.export({ format: 'jwk' }), kid: 'short' }
  await t.rejects(importKeySet({ keys: [short] }, ['RS256'], false), TypeError)
  t.same(namesOf(await importKeySet({ keys: [short, rs256.jwk] }, ['RS256'], false)), [['RS256', undefined]])
})

t.test('of a set those keys are imported that fit, and their names are kept', async t => {
  const keys = [
    { ...es256.jwk, kid: 'a' },
    { ...eddsa.jwk, kid: 7 },
    { ...rs256.jwk, use: 'enc' },
    { kty: 'EC', crv: 'P-256', x: 'AA' },
    'a text',
    null,
    { ...es256.jwk, kid: '__proto__', alg: 'ES256', use: 'sig', key_ops: ['verify'] },
  ]
  t.same(namesOf(await importKeySet({ keys }, ['ES256', 'EdDSA', 'RS256'], false)), [
    ['ES256', 'a'],
    ['EdDSA', undefined],
    ['ES256', '__proto__'],
  ])
  t.same(namesOf(await importKeySet(es256.jwk, ['ES256'], false)), [['ES256', undefined]], 'one JWK is a set of one')
})

t.test('private keys are passed over, and secrets where a set is published', async t => {
  const privateJwk = keyPair('ES256').privateKey.export({ format: 'jwk' })
  await t.rejects(importKeySet({ keys: [privateJwk] }, ['ES256'], true), TypeError)
  await t.rejects(importKeySet({ keys: [hs256.jwk] }, ['HS256'], false), TypeError)
  t.same(namesOf(await importKeySet({ keys: [hs256.jwk] }, ['HS256'], true)), [['HS256', undefined]])
  await t.rejects(importKeySet({ keys: [{ kty: 'oct' }] }, ['HS256'], true), TypeError, 'a secret of no octets is none')
})

for (const value of [undefined, null, 1, 'keys', [], {}, { keys: {} }, { keys: null }, { keys: [] }, [es256.jwk]]) {
  t.test(`${JSON.stringify(value)?.slice(0, 30)} is no set with a key that fits`, async t => {
    await t.rejects(importKeySet(value, ['ES256'], false), TypeError)
  })
}

t.test('what was imported verifies', async t => {
  const parsed = parseToken(hs256.token(), 'sandbox') as ParsedToken
  const keys = createStaticKeys(await importKeySet(hs256.jwk, ['HS256'], true))
  t.equal(await createJwtAuthenticator({ algorithms: ['HS256'], keys })(parsed), undefined)
})

import t from 'tap'
import {
  isSymmetric,
  type JwkMetadata,
  type JwtAlgorithm,
  jwtAlgorithms,
  mayVerify,
  minSecretOctets,
} from '../../src/session/algorithms.ts'

t.test('none is no algorithm, in any case of letters', async t => {
  t.same(
    jwtAlgorithms.filter(name => /none/i.test(name)),
    [],
  )
  t.equal(jwtAlgorithms.length, 13)
})

t.test('the HS* algorithms alone use a shared secret, of as many octets as their digest', async t => {
  t.same(jwtAlgorithms.filter(isSymmetric), ['HS256', 'HS384', 'HS512'])
  t.same((['HS256', 'HS384', 'HS512'] as const).map(minSecretOctets), [32, 48, 64])
})

/** What a key may verify, by hand. */
const families: readonly (readonly [what: string, jwk: JwkMetadata, algorithms: readonly JwtAlgorithm[]])[] = [
  ['a secret', { kty: 'oct' }, ['HS256', 'HS384', 'HS512']],
  ['an RSA key', { kty: 'RSA' }, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
  ['a key on P-256', { kty: 'EC', crv: 'P-256' }, ['ES256']],
  ['a key on P-384', { kty: 'EC', crv: 'P-384' }, ['ES384']],
  ['a key on P-521', { kty: 'EC', crv: 'P-521' }, ['ES512']],
  ['a key on Ed25519', { kty: 'OKP', crv: 'Ed25519' }, ['EdDSA']],
  ['a key on secp256k1', { kty: 'EC', crv: 'secp256k1' }, []],
  ['a key on Ed448', { kty: 'OKP', crv: 'Ed448' }, []],
  ['a key for key agreement', { kty: 'OKP', crv: 'X25519' }, []],
  ['an RSA key that names PS256', { kty: 'RSA', alg: 'PS256' }, ['PS256']],
  ['an RSA key that names an algorithm of encryption', { kty: 'RSA', alg: 'RSA-OAEP' }, []],
  ['a secret that names RS256', { kty: 'oct', alg: 'RS256' }, []],
  ['an RSA key that names HS256', { kty: 'RSA', alg: 'HS256' }, []],
  ['a key on Ed25519 that says so as RFC 9864 does', { kty: 'OKP', crv: 'Ed25519', alg: 'Ed25519' }, ['EdDSA']],
  ['a key for signatures', { kty: 'EC', crv: 'P-256', use: 'sig' }, ['ES256']],
  ['a key for encryption', { kty: 'EC', crv: 'P-256', use: 'enc' }, []],
  ['a key to verify with', { kty: 'EC', crv: 'P-256', key_ops: ['verify'] }, ['ES256']],
  ['a key to sign with only', { kty: 'EC', crv: 'P-256', key_ops: ['sign'] }, []],
  ['a key with no operations', { kty: 'EC', crv: 'P-256', key_ops: [] }, []],
  ['a key whose operations are a text', { kty: 'EC', crv: 'P-256', key_ops: 'verify' }, []],
  ['a key of no type', { crv: 'P-256' }, []],
]
for (const [what, jwk, algorithms] of families) {
  t.test(`${what} verifies ${algorithms.join(', ') || 'nothing'}`, async t => {
    t.same(
      jwtAlgorithms.filter(algorithm => mayVerify(jwk, algorithm)),
      algorithms,
    )
  })
}

import t from 'tap'
import { jwtAlgorithms } from '../../src/session/algorithms.ts'
import { createJwtAuthenticator } from '../../src/session/authenticate-jwt.ts'
import { createStaticKeys, importKeySet, importSecrets, type JwtKey } from '../../src/session/jwt-keys.ts'
import { parseToken } from '../../src/session/parse-token.ts'
import type { ParsedToken } from '../../src/session/parsed-token.ts'
import { isRefusal } from '../../src/session/session.ts'
import { createJwtSigner, keyPair } from '../fixtures/jwt-signer.ts'

const keysOf = (jwk: unknown, algorithms: typeof jwtAlgorithms) =>
  importKeySet(jwk, algorithms, true).then(createStaticKeys)

async function verdict(text: string, options: Parameters<typeof createJwtAuthenticator>[0]): Promise<string> {
  const parsed = parseToken(text, 'sandbox')
  if (isRefusal(parsed)) return parsed.reason
  return (await createJwtAuthenticator(options)(parsed))?.reason ?? 'authentic'
}

for (const algorithm of jwtAlgorithms) {
  t.test(`a token of ${algorithm} is authentic by its own key, and by no other of its family`, async t => {
    const signer = createJwtSigner(algorithm)
    const options = { algorithms: jwtAlgorithms, keys: await keysOf(signer.jwk, jwtAlgorithms) }
    t.equal(await verdict(signer.token(), options), 'authentic')
    const others = jwtAlgorithms.filter(other => other !== algorithm)
    t.equal(await verdict(signer.token(), { ...options, algorithms: others }), 'algorithm_not_allowed')
    const strange = algorithm.startsWith('HS')
      ? { kty: 'oct', k: Buffer.alloc(64, 7).toString('base64url') }
      : keyPair(algorithm).publicKey.export({ format: 'jwk' })
    t.equal(
      await verdict(signer.token(), { ...options, keys: await keysOf(strange, jwtAlgorithms) }),
      'signature_invalid',
    )
    const others2 = { ...options, keys: createStaticKeys([]) }
    t.equal(await verdict(signer.token(), others2), 'signature_invalid')
  })
}

const hs256 = createJwtSigner('HS256')
const hs = async () => ({
  algorithms: ['HS256'] as const,
  keys: createStaticKeys(await importSecrets([hs256.secret], ['HS256'])),
})

for (const alg of [
  undefined,
  null,
  'none',
  'None',
  'NONE',
  'nOnE',
  '',
  'hs256',
  'HS256 ',
  ['HS256'],
  { HS256: 1 },
  256,
  true,
]) {
  t.test(`a token whose alg is ${JSON.stringify(alg)} asks for an algorithm that is not allowed`, async t => {
    const header = JSON.stringify({ x: '"alg"', alg })
    const reason = alg === undefined ? ['token_malformed', 'algorithm_not_allowed'] : ['algorithm_not_allowed']
    t.ok(reason.includes(await verdict(hs256.token({ header }), await hs())))
  })
}

for (const kid of [7, null, ['a'], { a: 1 }, true]) {
  t.test(`a kid of ${JSON.stringify(kid)} names no key`, async t => {
    t.equal(await verdict(hs256.token({ header: { alg: 'HS256', kid } }), await hs()), 'signature_invalid')
  })
}

t.test(
  'a kid is compared and used for nothing else: a path, a query or a huge text is a name like any other',
  async t => {
    for (const kid of [
      '../../../../dev/null',
      "x' OR 1=1 --",
      'https://evil.example/key',
      'a'.repeat(4000),
      '',
      '__proto__',
    ])
      t.equal(await verdict(hs256.token({ header: { alg: 'HS256', kid } }), await hs()), 'authentic', kid.slice(0, 20))
  },
)

t.test('a key that the token brings along is not looked at', async t => {
  const own = createJwtSigner('ES256')
  const theirs = createJwtSigner('ES256')
  const options = {
    algorithms: ['ES256'] as const,
    keys: createStaticKeys(await importKeySet(own.jwk, ['ES256'], false)),
  }
  for (const header of [
    { alg: 'ES256', jwk: theirs.jwk },
    { alg: 'ES256', jku: 'https://evil.example/jwks.json' },
    { alg: 'ES256', x5u: 'https://evil.example/chain.pem' },
    { alg: 'ES256', x5c: ['MIIB'] },
  ])
    t.equal(await verdict(theirs.token({ header }), options), 'signature_invalid', JSON.stringify(header))
})

t.test('a public key is no secret: HS256 by its PEM, its DER or its JWK is refused', async t => {
  const rsa = createJwtSigner('RS256')
  const { createHmac } = await import('node:crypto')
  const keys = createStaticKeys(await importKeySet(rsa.jwk, jwtAlgorithms, true))
  const der = Buffer.from(rsa.publicPem.replace(/-----.*-----|\n/g, ''), 'base64')
  for (const secret of [rsa.publicPem, rsa.publicPem.trim(), der, JSON.stringify(rsa.jwk), rsa.jwk.n ?? '', '']) {
    const signed = hs256.token().slice('sandbox_'.length).split('.').slice(0, 2).join('.')
    const text = `sandbox_${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
    t.equal(await verdict(text, { algorithms: ['RS256'], keys }), 'algorithm_not_allowed')
    t.equal(await verdict(text, { algorithms: jwtAlgorithms, keys }), 'signature_invalid')
  }
})

t.test('keys that cannot be had refuse nobody as a forger', async t => {
  t.equal(await verdict(hs256.token(), { algorithms: ['HS256'], keys: { find: () => 'unavailable' } }), 'overloaded')
  const later = { find: async () => 'unavailable' as const }
  t.equal(await verdict(hs256.token(), { algorithms: ['HS256'], keys: later }), 'overloaded')
})

t.test('a fault that is not about the token is thrown, not taken for a bad signature', async t => {
  const keys = createStaticKeys([{ algorithm: 'HS256', keyId: undefined, key: {} } as unknown as JwtKey])
  await t.rejects(verdict(hs256.token(), { algorithms: ['HS256'], keys }), TypeError)
})

t.test('the second of two keys verifies too', async t => {
  const keys = createStaticKeys(await importSecrets([Buffer.alloc(32, 1), hs256.secret], ['HS256']))
  t.equal(await verdict(hs256.token(), { algorithms: ['HS256'], keys }), 'authentic')
})

t.test(
  'a signature that a shared secret did not make is refused at once, one that it seems to have made is not yet',
  async t => {
    const authenticate = createJwtAuthenticator(await hs())
    const parsed = (text: string) => parseToken(text, 'sandbox') as ParsedToken
    const wrong = createJwtSigner('HS256', 'somebody else').token()
    t.same(authenticate(parsed(wrong)), { reason: 'signature_invalid' })
    const verdict = authenticate(parsed(hs256.token()))
    t.type(verdict, Promise)
    t.equal(await verdict, undefined)
  },
)

t.test('the first look lets nobody in: both it and jose have to find a signature right', async t => {
  const [key] = (await importSecrets([hs256.secret], ['HS256'])) as [JwtKey]
  const withDoubts = (doubts: boolean) => ({
    algorithms: ['HS256'] as const,
    keys: createStaticKeys([{ ...key, doubts: () => doubts }]),
  })
  t.equal(await verdict(hs256.token(), withDoubts(false)), 'authentic')
  t.equal(await verdict(createJwtSigner('HS256', 'somebody else').token(), withDoubts(false)), 'signature_invalid')
  t.equal(await verdict(hs256.token(), withDoubts(true)), 'signature_invalid')
})

for (const algorithm of ['HS256', 'HS384', 'HS512'] as const) {
  t.test(`of two secrets of ${algorithm} either lets its own tokens in, whichever is looked at first`, async t => {
    const [one, other] = [createJwtSigner(algorithm), createJwtSigner(algorithm, 'the next month')]
    const keys = createStaticKeys(await importSecrets([one.secret, other.secret], [algorithm]))
    const options = { algorithms: [algorithm], keys }
    t.equal(await verdict(one.token(), options), 'authentic')
    t.equal(await verdict(other.token(), options), 'authentic')
    t.equal(await verdict(createJwtSigner(algorithm, 'somebody else').token(), options), 'signature_invalid')
  })
}

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadConfig } from '../../src/config/load-config.ts'
import { createJwtSigner, keyPair } from '../fixtures/jwt-signer.ts'
import { finePolicy, problemsOf, sessionSecret, writeConfig } from './a-config.ts'

const secret = 'kX9vQ2mZr7Lp4Ws8Tn1By6Hd3Jf5Gc0e'
const other = 'pR3nC8sV1xM6bK0yF7uJ2wE9tL4hZ5aG'
const env: NodeJS.ProcessEnv = { ONE_SECRET: secret, OTHER_SECRET: other, SHORT_SECRET: 'short' }
const one = '{ env: ONE_SECRET }'
const rs256 = createJwtSigner('RS256')
const es256 = createJwtSigner('ES256')
const eddsa = createJwtSigner('EdDSA')

const spki = (algorithm: 'RS256', bits: number) =>
  keyPair(algorithm, bits).publicKey.export({ type: 'spki', format: 'pem' }).toString()

const files: Readonly<Record<string, string>> = {
  'rs256.pem': rs256.publicPem,
  'es256.pem': es256.publicPem,
  'two.pem': rs256.publicPem + es256.publicPem,
  'short.pem': spki('RS256', 1024),
  'private.pem': keyPair('ES256').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  'pkcs1.pem': keyPair('RS256').publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  'garbage.pem': '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n',
  'jwks.json': JSON.stringify({
    keys: [
      { ...es256.jwk, kid: 'a' },
      { ...eddsa.jwk, kid: 'b' },
    ],
  }),
  'one.json': JSON.stringify(es256.jwk),
  'none.json': '{"keys":[]}',
  'list.json': '[]',
  'text.json': 'keys',
  'malformed.json': JSON.stringify({ keys: [{ kty: 'EC', crv: 'P-256', x: 'AA' }] }),
  'private.json': JSON.stringify({ keys: [keyPair('ES256').privateKey.export({ format: 'jwk' })] }),
  'short.json': JSON.stringify({ keys: [keyPair('RS256', 1024).publicKey.export({ format: 'jwk' })] }),
  'secret.json': JSON.stringify({ keys: [{ kty: 'oct', k: Buffer.from(secret).toString('base64url') }] }),
  'weak.json': JSON.stringify({ keys: [{ kty: 'oct', k: Buffer.from('short').toString('base64url') }] }),
  'no-secret.json': JSON.stringify({ keys: [{ kty: 'oct' }] }),
}

function configWith(t: Test, session: string, more = ''): string {
  return writeConfig(t, `environment: sandbox\nsession: ${session}\n${finePolicy}\n${more}\n`, { ...files })
}

const faultsOf = (t: Test, session: string, more = '') =>
  problemsOf(configWith(t, session, more), env).map(({ path, message }) => [path, message] as const)

const fine: readonly string[] = [
  `{ verify: upstream }`,
  `{ verify: signature, jwt: { secret: ${one} } }`,
  `{ verify: signature, jwt: { secret: [${one}] } }`,
  `{ verify: signature, jwt: { secret: [${one}, { env: OTHER_SECRET }] } }`,
  `{ verify: signature, jwt: { secret: ${one} }, timestamped: { secret: { env: OTHER_SECRET } } }`,
  `{ verify: signature, timestamped: { secret: ${one} } }`,
  `{ verify: signature, formats: [timestamped], timestamped: { secret: ${one} } }`,
  `{ verify: signature, jwt: { secret: ${one} }, timestamped: { secret: ${one} } }`,
  `{ verify: signature, jwt: { secret: ${one} }, timestamped: { secret: { env: OTHER_SECRET }, keyDerivation: none } }`,
  `{ verify: signature, timestamped: { secret: ${one}, keyDerivation: none } }`,
  `{ verify: signature, jwt: { algorithms: [RS256, PS512], publicKeyFile: rs256.pem } }`,
  `{ verify: signature, jwt: { algorithms: [RS256], publicKeyFile: pkcs1.pem } }`,
  `{ verify: signature, jwt: { algorithms: [RS256, ES256], publicKeyFile: es256.pem } }`,
  `{ verify: signature, jwt: { algorithms: [ES256, EdDSA], jwksFile: jwks.json } }`,
  `{ verify: signature, jwt: { algorithms: [ES256], jwksFile: one.json } }`,
  `{ verify: signature, jwt: { algorithms: [HS256], jwksFile: secret.json } }`,
  `{ verify: signature, jwt: { algorithms: [ES256], jwksUrl: "https://keys.example/jwks.json" } }`,
  `{ verify: signature, jwt: { algorithms: [ES256], jwksUrl: "http://127.0.0.1:9997/jwks" } }`,
  `{ verify: signature, jwt: { algorithms: [ES256], jwksUrl: "http://[::1]:9997/jwks" } }`,
  `{ verify: signature, jwt: { secret: ${one}, issuer: forage, audience: gateway } }`,
]
for (const session of fine) {
  t.test(`a session of ${session} is fine`, async t => t.same(faultsOf(t, session), []))
}

const wrong: readonly (readonly [session: string, path: string, message: RegExp])[] = [
  [`{ verify: signature }`, 'session.jwt.secret', /is needed to verify signatures/],
  [`{ verify: signature, formats: [timestamped], jwt: { secret: ${one} } }`, 'session.timestamped', /is needed/],
  [`{ verify: signature, jwt: { secret: [] } }`, 'session.jwt.secret', /a list of two/],
  [`{ verify: signature, jwt: { secret: [${one}, ${one}, ${one}] } }`, 'session.jwt.secret', /a list of two/],
  [`{ verify: signature, jwt: { secret: { env: SHORT_SECRET } } }`, 'session.jwt.secret', /at least 32 octets/],
  [
    `{ verify: signature, jwt: { secret: [${one}, { env: SHORT_SECRET }] } }`,
    'session.jwt.secret[1]',
    /at least 32 octets/,
  ],
  [
    `{ verify: signature, jwt: { secret: ${one}, algorithms: [HS256, HS384] } }`,
    'session.jwt.secret',
    /at least 48 octets/,
  ],
  [`{ verify: signature, jwt: { secret: ${one}, algorithms: [HS512] } }`, 'session.jwt.secret', /at least 64 octets/],
  [
    `{ verify: signature, jwt: { secret: ${one}, algorithms: [HS256, RS256] } }`,
    'session.jwt.algorithms',
    /must be of HS256/,
  ],
  [
    `{ verify: signature, jwt: { secret: ${one}, algorithms: [none] } }`,
    'session.jwt.algorithms[0]',
    /must be one of HS256/,
  ],
  [
    `{ verify: signature, jwt: { secret: ${one}, algorithms: [] } }`,
    'session.jwt.algorithms',
    /at least one algorithm/,
  ],
  [
    `{ verify: signature, jwt: { algorithms: [EdDSA], publicKeyFile: rs256.pem } }`,
    'session.jwt.publicKeyFile',
    /fits none of EdDSA/,
  ],
  [
    `{ verify: signature, jwt: { algorithms: [HS256, RS256], publicKeyFile: rs256.pem } }`,
    'session.jwt.algorithms',
    /public keys/,
  ],
  [
    `{ verify: signature, jwt: { algorithms: [ES256], jwksUrl: "https://a.example/", jwksFile: jwks.json } }`,
    'session.jwt.jwksFile',
    /stands beside jwksUrl/,
  ],
  [
    `{ verify: signature, jwt: { algorithms: [ES384], publicKeyFile: es256.pem } }`,
    'session.jwt.publicKeyFile',
    /fits none of ES384/,
  ],
  ...['two.pem', 'private.pem', 'garbage.pem', 'jwks.json'].map(
    file =>
      [
        `{ verify: signature, jwt: { algorithms: [RS256], publicKeyFile: ${file} } }`,
        'session.jwt.publicKeyFile',
        /one public key in PEM/,
      ] as const,
  ),
  [
    `{ verify: signature, jwt: { algorithms: [RS256], publicKeyFile: short.pem } }`,
    'session.jwt.publicKeyFile',
    /less than 2048 bits/,
  ],
  [
    `{ verify: signature, jwt: { algorithms: [RS256], publicKeyFile: absent.pem } }`,
    'session.jwt.publicKeyFile',
    /no such file/,
  ],
  ...['none.json', 'list.json', 'text.json', 'secret.json', 'es256.pem'].map(
    file =>
      [
        `{ verify: signature, jwt: { algorithms: [ES256], jwksFile: ${file} } }`,
        'session.jwt.jwksFile',
        /a JWK Set with a key for one of ES256/,
      ] as const,
  ),
  [
    `{ verify: signature, jwt: { algorithms: [ES256], jwksFile: malformed.json } }`,
    'session.jwt.jwksFile',
    /not well formed/,
  ],
  [
    `{ verify: signature, jwt: { algorithms: [ES256], jwksFile: private.json } }`,
    'session.jwt.jwksFile',
    /private key/,
  ],
  [
    `{ verify: signature, jwt: { algorithms: [RS256], jwksFile: short.json } }`,
    'session.jwt.jwksFile',
    /less than 2048 bits/,
  ],
  [`{ verify: signature, jwt: { jwksFile: weak.json } }`, 'session.jwt.jwksFile', /at least 32 octets/],
  [`{ verify: signature, jwt: { jwksFile: no-secret.json } }`, 'session.jwt.jwksFile', /at least 32 octets/],
  [
    `{ verify: signature, jwt: { algorithms: [ES256], jwksFile: absent.json } }`,
    'session.jwt.jwksFile',
    /no such file/,
  ],
  ...[
    'http://keys.example/',
    'https://user:password@keys.example/',
    'ftp://127.0.0.1/',
    'https://',
    'http://127.0.0.1.evil.example/',
    'http://localhost@evil.example/',
  ].map(
    url =>
      [
        `{ verify: signature, jwt: { algorithms: [ES256], jwksUrl: "${url}" } }`,
        'session.jwt.jwksUrl',
        /https:\/\/ URL without user name/,
      ] as const,
  ),
  [
    `{ verify: signature, timestamped: { secret: { env: SHORT_SECRET } } }`,
    'session.timestamped.secret',
    /at least 16 octets/,
  ],
  [
    `{ verify: signature, timestamped: { secret: ${one}, digest: md5 } }`,
    'session.timestamped.digest',
    /sha1, sha256, sha512/,
  ],
  [
    `{ verify: signature, jwt: { secret: ${one} }, timestamped: { secret: ${one}, keyDerivation: none } }`,
    'session.timestamped.keyDerivation',
    /both formats have one MAC/,
  ],
  [
    `{ verify: signature, jwt: { secret: [{ env: OTHER_SECRET }, ${one}] }, timestamped: { secret: [${one}, { env: OTHER_SECRET }], keyDerivation: none } }`,
    'session.timestamped.keyDerivation',
    /both formats have one MAC/,
  ],
  [
    `{ verify: signature, jwt: { jwksFile: secret.json }, timestamped: { secret: ${one}, keyDerivation: none } }`,
    'session.timestamped.keyDerivation',
    /both formats have one MAC/,
  ],
  [`{ jwt: { secret: ${one} } }`, 'session.verify', /is ledger \(the default\).*set admin\.token/],
  [`{ verify: ledger }`, 'session.verify', /set admin\.token/],
]
for (const [session, path, message] of wrong) {
  t.test(`a session of ${session} is refused at ${path}`, async t => {
    const faults = faultsOf(t, session)
    t.same(
      faults.map(([at]) => at),
      [path],
    )
    t.match(faults[0]?.[1], message)
    t.notMatch(JSON.stringify(faults), new RegExp(`${secret}|${other}|password`), 'no secret is repeated')
  })
}

t.test('ledger mode needs no key but an admin token of 16 octets or more, in printable ASCII', async t => {
  const ledger = '{ verify: ledger }'
  const token = (value: string) =>
    problemsOf(configWith(t, ledger, 'admin: { token: { env: T } }'), { T: value }).map(({ path }) => path)
  t.same(token('0123456789abcdef'), [])
  t.same(token('0123456789abcde'), ['admin.token'])
  t.same(token('0123456789 abcdef'), ['admin.token'])
  t.same(token('0123456789abcdé0'), ['admin.token'])
  t.same(token(''), ['admin.token.env'])
  t.same(
    faultsOf(t, ledger, 'admin: null').map(([path]) => path),
    ['session.verify'],
  )
  t.same(faultsOf(t, '{ verify: upstream }', 'admin: null'), [], 'the other modes need no admin listener')
})

t.test('every problem of keys, policy and admin is told at once, and no secret is repeated', async t => {
  const session = `{ verify: signature, jwt: { secret: [{ value: ${secret} }, { env: SHORT_SECRET }], algorithms: [HS256] }, timestamped: { secret: { file: absent }, digest: md5 }, maxLifetimeSec: 0 }`
  const file = configWith(t, session, 'admin: { token: { value: short } }\nlisten: { port: x }')
  const problems = problemsOf(file, env)
  t.same(problems.map(({ path }) => path).sort(), [
    'admin.token.value',
    'listen.port',
    'session.jwt.secret[0].value',
    'session.jwt.secret[1]',
    'session.maxLifetimeSec',
    'session.timestamped.digest',
    'session.timestamped.secret.file',
  ])
  t.notMatch(JSON.stringify(problems), secret)
})

t.test('mock takes any secret, and even there not one MAC for two formats', async t => {
  const mock = (session: string) =>
    problemsOf(
      writeConfig(t, `environment: mock\nupstream: { api: "http://127.0.0.1:1" }\nsession: ${session}\n${finePolicy}`),
    ).map(({ path }) => path)
  t.same(mock('{ verify: signature, jwt: { secret: { value: x } } }'), [])
  t.same(
    mock(
      '{ verify: signature, jwt: { secret: { value: x } }, timestamped: { secret: { value: x }, keyDerivation: none } }',
    ),
    ['session.timestamped.keyDerivation'],
  )
})

t.test('secrets that are files are read again, and unfit ones are refused', async t => {
  const file = writeConfig(
    t,
    `environment: sandbox\nsession: { verify: signature, jwt: { secret: [{ file: one }, { env: OTHER_SECRET }] } }\n${finePolicy}`,
    { one: secret },
  )
  const { session, source } = loadConfig(file, env)
  const secretFile = join(file, '..', 'one')
  t.ok(secretFile in (source?.snapshot.files ?? {}))
  t.same(session.keys.jwtSecrets.map(String), [secret, other])
  writeFileSync(secretFile, `${sessionSecret}\n`)
  t.same(source?.readAgain().session.keys.jwtSecrets.map(String), [sessionSecret, other])
  writeFileSync(secretFile, 'half')
  t.throws(() => source?.readAgain(), { code: 'ERR_FORAGE_CONFIG', message: /session\.jwt\.secret\[0\]/ })
  writeFileSync(secretFile, '')
  t.throws(() => source?.readAgain(), { code: 'ERR_FORAGE_CONFIG' })
  t.equal(readFileSync(secretFile, 'utf8'), '')
})

t.test('a mode that verifies no signature reads no key, also not one that is not there', async t => {
  const file = configWith(t, '{ verify: upstream, jwt: { secret: { file: absent } } }')
  const { session } = loadConfig(file, env)
  t.same(session.keys.jwtSecrets, [])
  t.same(session.formats, ['jwt', 'timestamped'])
})

t.test('a public key of PKCS #1 is turned into the form that verification takes', async t => {
  const file = configWith(t, '{ verify: signature, jwt: { algorithms: [RS256], publicKeyFile: pkcs1.pem } }')
  t.match(loadConfig(file, env).session.keys.publicKey, /^-----BEGIN PUBLIC KEY-----/)
})

import t from 'tap'
import { notAvailableYet } from '../../src/config/not-available-yet.ts'
import { finePolicy, load, problemsIn } from './a-config.ts'

interface Row {
  readonly needs: readonly string[]
  readonly off: readonly string[]
}

const rate = '{ requests: 1, windowSec: 1 }'
const issuing =
  '{ merchantAccount: "1", clientId: { file: a }, clientSecret: { file: b }, callers: { backend: { keys: [{ file: c }] } } }'

/** What asks for a feature that is not built, and what does not. */
const rows: Readonly<Record<string, Row>> = {
  'session.verify': { needs: ['ledger', 'upstream'], off: ['signature'] },
  'session.jwt.algorithms': { needs: ['[HS512]', '[HS256, RS256]', '[EdDSA]'], off: ['[HS256]'] },
  'session.jwt.jwksUrl': { needs: ['"https://keys.example/jwks"'], off: ['null'] },
  'session.jwt.jwksFile': { needs: ['jwks.json'], off: ['null'] },
  'session.jwt.publicKeyFile': { needs: ['key.pem'], off: ['null'] },
  'session.jwt.issuer': { needs: ['forage'], off: ['null'] },
  'session.jwt.audience': { needs: ['gateway'], off: ['null'] },
  'session.timestamped': { needs: ['{ secret: { env: FORAGE_SESSION_SECRET } }'], off: ['null'] },
  'listen.tls': { needs: ['{ certFile: a, keyFile: b }'], off: ['null'] },
  'listen.trustedProxies': { needs: ['[10.0.0.0/8]', '["::1/128"]'], off: ['[]'] },
  admin: { needs: ['{}', '{ port: 9090 }'], off: ['null'] },
  workers: { needs: ['2', 'auto'], off: ['1'] },
  'upstream.vault': { needs: ['"https://vault.example"'], off: ['null'] },
  'upstream.ca': { needs: ['ca.pem'], off: ['null'] },
  'upstream.localAddresses': { needs: ['[192.0.2.1]'], off: ['[]'] },
  'upstream.budget': { needs: ['{}', '{ requests: 900 }'], off: ['null'] },
  'policy.mode': { needs: ['report'], off: ['enforce'] },
  issuing: { needs: [issuing], off: ['null'] },
  'limits.perSession': { needs: [rate], off: ['null'] },
  'limits.perAddress': { needs: [rate], off: ['null'] },
  'limits.denialsPerAddress': { needs: [rate, '{}'], off: ['null'] },
  'state.redisUrl': { needs: ['"redis://127.0.0.1"'], off: ['null'] },
  'tracing.otlpEndpoint': { needs: ['"http://127.0.0.1:4318"'], off: ['null'] },
  forwardAuth: { needs: ['{}', '{ port: 9091 }'], off: ['null'] },
}

/** A configuration that is fine but for one key. */
function configWith(key: string, value: string): string {
  const [section = '', ...rest] = key.split('.')
  const line = `${rest.at(-1) ?? section}: ${value}`
  const jwt = `jwt: { secret: { env: FORAGE_SESSION_SECRET }${rest[0] === 'jwt' ? `, ${line}` : ''} }`
  const verify = key === 'session.verify' ? line : 'verify: signature'
  const timestamped = key === 'session.timestamped' ? `, ${line}` : ''
  const policy = section === 'policy' ? finePolicy.replace(' }', `, ${line} }`) : finePolicy
  const other = ['session', 'policy'].includes(section) ? '' : rest.length > 0 ? `${section}: { ${line} }` : line
  return `environment: sandbox\nsession: { ${verify}, ${jwt}${timestamped} }\n${policy}\n${other}\n`
}

t.test('every row of the table is tried here, and nothing else', async t => {
  t.same(
    notAvailableYet.map(row => row.key),
    Object.keys(rows),
  )
})

for (const [key, { needs, off }] of Object.entries(rows)) {
  for (const value of needs) {
    t.test(`${key}: ${value} is refused as not available yet`, async t => {
      const problems = problemsIn(t, configWith(key, value))
      t.match(problems, [{ path: key, message: /^not available yet: / }])
      t.equal(problems.length, 1)
      t.type(problems[0]?.line, 'number')
    })
  }
  for (const value of off) {
    t.test(`${key}: ${value} asks for nothing that is missing`, async t => {
      t.doesNotThrow(() => load(t, configWith(key, value)))
    })
  }
}

t.test('leaving session.verify out means ledger, which is refused with the word to write', async t => {
  const text = `environment: sandbox\nsession: { jwt: { secret: { env: FORAGE_SESSION_SECRET } } }\n${finePolicy}`
  const [problem, ...others] = problemsIn(t, text)
  t.match(problem, { path: 'session.verify', message: /ledger.*write session\.verify: signature/ })
  t.same(others, [])
})

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { IssuingConfig } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { anAuthenticationToken } from '../fixtures/token.ts'
import { finePolicy, problemsOf, writeConfig } from './a-config.ts'

const key = 'b3JkZXJzLmFuZC5wYXltZW50cw.kX9vQ2mZr7Lp4Ws8'
const otherKey = 'pR3nC8sV1xM6bK0yF7uJ2wE9tL4hZ5aGpR3nC8sV1xM6'

const files: Readonly<Record<string, string>> = {
  id: 'the-client-id\n',
  secret: 'the-client-secret-of-the-tests\n',
  key: `${key}\n`,
  'other-key': otherKey,
  short: 'kX9vQ2mZr7Lp4Ws8Tn1By6Hd3Jf5Gc0',
  sample: 'my-super-secret-key-for-jwt-hmac-please-change',
  spaces: `${key} ${key}`,
  umlaut: 'geheimnisträger-geheimnisträger-geheimnis',
  token: anAuthenticationToken('prod'),
}

const parts = {
  merchantAccount: '"123ab45c67"',
  clientId: '{ file: id }',
  clientSecret: '{ file: secret }',
  callers: '{ backend: { keys: [{ file: key }] } }',
}
type Parts = Partial<Record<keyof IssuingParts, string>>
interface IssuingParts extends Record<keyof typeof parts, string> {
  authenticationTokens: string
  useCases: string
  perCaller: string
  onLeakedAuthenticationToken: string
}

/** The issuing part with one key changed; an empty text leaves the key out. */
function issuingWith(changes: Parts): string {
  const written = Object.entries({ ...parts, ...changes }).filter(([, value]) => value !== '')
  return `issuing: { ${written.map(([name, value]) => `${name}: ${value}`).join(', ')} }`
}

const head = (environment = 'sandbox') =>
  `environment: ${environment}\nsession: { verify: upstream }\n${finePolicy}\n${environment === 'mock' ? 'upstream: { api: "http://127.0.0.1:1" }\n' : ''}`

function fileWith(t: Test, text: string, environment?: string): string {
  return writeConfig(t, `${head(environment)}${text}\n`, { ...files })
}

const loaded = (t: Test, changes: Parts = {}, more = '') =>
  loadConfig(fileWith(t, `${issuingWith(changes)}\n${more}`), {}).issuing as IssuingConfig

const faultsOf = (t: Test, text: string, environment?: string) =>
  problemsOf(fileWith(t, text, environment), {}).map(({ path, message }) => [path, message] as const)

t.test('what is left out takes the default of the contract', async t => {
  t.same(loaded(t), {
    merchantAccount: '123ab45c67',
    authenticationTokens: { lifetimeSec: 604_800, renewBeforeSec: 86_400, oauthScope: 'pinpad_only' },
    useCases: ['checkout', 'balance'],
    signIn: null,
    onLeakedAuthenticationToken: 'alert',
    perCaller: { requests: 30, windowSec: 60 },
    secrets: { clientId: 'the-client-id', clientSecret: 'the-client-secret-of-the-tests', backendKeys: [key] },
  })
})

t.test('what is written is kept, use cases in their order', async t => {
  const jwt =
    '{ jwksUrl: "http://127.0.0.1:9997/jwks", algorithms: [ES256], issuer: shop, audience: gateway, customerClaim: cid }'
  const issuing = loaded(t, {
    callers: `{ jwt: ${jwt}, backend: { keys: [{ file: key }, { file: other-key }] } }`,
    authenticationTokens: '{ lifetimeSec: 86400, renewBeforeSec: 1800, oauthScope: "pinpad_only reporting" }',
    useCases: '{ zebra: {}, apple: {}, b2: {} }',
    perCaller: 'null',
    onLeakedAuthenticationToken: 'revoke',
  })
  t.match(issuing, {
    authenticationTokens: { lifetimeSec: 86_400, renewBeforeSec: 1800, oauthScope: 'pinpad_only reporting' },
    signIn: { jwksUrl: 'http://127.0.0.1:9997/jwks', algorithms: ['ES256'], issuer: 'shop', audience: 'gateway' },
    onLeakedAuthenticationToken: 'revoke',
    perCaller: null,
  })
  t.equal(issuing.signIn?.customerClaim, 'cid')
  t.same(issuing.useCases, ['zebra', 'apple', 'b2'])
  t.same(issuing.secrets.backendKeys, [key, otherKey])
})

t.test('a sign-in that names no algorithm may use every one that is not symmetric', async t => {
  const jwt = '{ jwksUrl: "https://login.example/jwks", issuer: a, audience: b }'
  const { signIn, secrets } = loaded(t, { callers: `{ jwt: ${jwt} }` })
  t.same(signIn?.algorithms, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])
  t.equal(signIn?.customerClaim, 'sub')
  t.same(secrets.backendKeys, [])
})

const tokens = 'issuing.authenticationTokens'
const keys = (source: string) => ({ callers: `{ backend: { keys: [${source}] } }` })
const jwtWith = (member: string) => ({
  callers: `{ jwt: { jwksUrl: "https://a.example/", issuer: a, audience: b, ${member} } }`,
})
const wrong: readonly (readonly [changes: Parts, path: string, message: RegExp])[] = [
  [
    { merchantAccount: '' },
    'issuing.merchantAccount',
    /is needed: write your merchant account|must be your merchant account/,
  ],
  [{ merchantAccount: '123' }, 'issuing.merchantAccount', /must be your merchant account in quotes/],
  [{ merchantAccount: '"a b"' }, 'issuing.merchantAccount', /in quotes, without spaces/],
  [{ clientId: '' }, 'issuing.clientId', /(?:must be|is needed: write) \{ file: PATH \}/],
  [{ clientId: '{ file: absent }' }, 'issuing.clientId.file', /there is no such file/],
  [{ clientSecret: '{ value: open }' }, 'issuing.clientSecret.value', /mock and local only/],
  [{ clientSecret: '{ file: umlaut }' }, 'issuing.clientSecret', /printable ASCII/],
  [{ callers: '' }, 'issuing.callers', /./],
  [{ callers: '{}' }, 'issuing.callers', /must have jwt or backend: write backend: \{/],
  [{ callers: '{ jwt: null, backend: null }' }, 'issuing.callers', /must have jwt or backend/],
  [{ callers: '{ backend: { keys: [] } }' }, 'issuing.callers.backend.keys', /at least one key/],
  [keys('{ file: short }'), 'issuing.callers.backend.keys[0]', /is too short: use at least 32 octets/],
  [keys('{ file: key }, { file: sample }'), 'issuing.callers.backend.keys[1]', /sample that everybody knows/],
  [keys('{ file: spaces }'), 'issuing.callers.backend.keys[0]', /travels as a bearer token/],
  [keys('{ file: token }'), 'issuing.callers.backend.keys[0]', /shape of an authentication token/],
  [keys('{ file: secret }'), 'issuing.callers.backend.keys[0]', /is the client secret/],
  [keys('{ file: absent }'), 'issuing.callers.backend.keys[0].file', /there is no such file/],
  [jwtWith('algorithms: [HS256]'), 'issuing.callers.jwt.algorithms[0]', /must be of RS256, .*EdDSA/],
  [jwtWith('algorithms: [none]'), 'issuing.callers.jwt.algorithms[0]', /must be of/],
  [jwtWith('algorithms: []'), 'issuing.callers.jwt.algorithms', /at least one algorithm/],
  [
    { callers: '{ jwt: { jwksUrl: "http://a.example/", issuer: a, audience: b } }' },
    'issuing.callers.jwt.jwksUrl',
    /https/,
  ],
  [
    { callers: '{ jwt: { jwksUrl: "https://a.example/", issuer: a } }' },
    'issuing.callers.jwt.audience',
    /is needed: write text/,
  ],
  [{ useCases: '{}' }, 'issuing.useCases', /1 to 50 use cases/],
  [{ useCases: '[checkout]' }, 'issuing.useCases', /write \{ checkout: \{\} \}/],
  [{ useCases: '{ Checkout: {} }' }, 'issuing.useCases.Checkout', /./],
  [{ useCases: '{ checkout: { scope: a } }' }, 'issuing.useCases.checkout.scope', /not a known key/],
  [{ authenticationTokens: '{ lifetimeSec: 86399 }' }, `${tokens}.lifetimeSec`, /from 86400 to 2592000/],
  [{ authenticationTokens: '{ lifetimeSec: 2592001 }' }, `${tokens}.lifetimeSec`, /from 86400 to 2592000/],
  [{ authenticationTokens: '{ renewBeforeSec: 1799 }' }, `${tokens}.renewBeforeSec`, /from 1800 to/],
  [{ authenticationTokens: '{ lifetimeSec: 90000, renewBeforeSec: 86401 }' }, `${tokens}.renewBeforeSec`, /90000/],
  [{ authenticationTokens: '{ oauthScope: "a  b" }' }, `${tokens}.oauthScope`, /one or more words/],
  [{ perCaller: '{ requests: 0 }' }, 'issuing.perCaller.requests', /from 1/],
  [{ onLeakedAuthenticationToken: 'panic' }, 'issuing.onLeakedAuthenticationToken', /alert, revoke/],
]
for (const [changes, path, message] of wrong) {
  t.test(`issuing with ${JSON.stringify(changes)} is refused at ${path}`, async t => {
    const faults = faultsOf(t, issuingWith(changes))
    t.equal(faults.length, 1)
    t.equal(faults[0]?.[0], path)
    t.match(faults[0]?.[1], message)
  })
}

t.test('a token may be replaced an hour after it came, and not a second sooner', async t => {
  t.doesNotThrow(() => loaded(t, { authenticationTokens: '{ lifetimeSec: 90000, renewBeforeSec: 86400 }' }))
})

t.test('fifty use cases are accepted, fifty-one are not', async t => {
  const named = (count: number) => `{ ${Array.from({ length: count }, (_, index) => `u${index}: {}`).join(', ')} }`
  t.equal(loaded(t, { useCases: named(50) }).useCases.length, 50)
  t.match(faultsOf(t, issuingWith({ useCases: named(51) })), [['issuing.useCases', /1 to 50/]])
})

t.test('the merchant must be one that may pass, in any of its spellings', async t => {
  for (const accounts of ['["123ab45c67"]', '["mid/123ab45c67"]', '[["1234567", "123ab45c67"]]'])
    t.equal(loaded(t, {}, `merchantAccounts: ${accounts}`).merchantAccount, '123ab45c67')
  t.match(faultsOf(t, `${issuingWith({})}\nmerchantAccounts: ["another"]`), [
    ['issuing.merchantAccount', /is none of merchantAccounts/],
  ])
})

t.test('in mock a key may be short and spelled out, but not of letters that no field can carry', async t => {
  t.same(faultsOf(t, issuingWith(keys('{ value: short }')), 'mock'), [])
  t.match(faultsOf(t, issuingWith(keys('{ value: "two words" }')), 'mock'), [
    ['issuing.callers.backend.keys[0]', /bearer token/],
  ])
})

t.test('everything that is wrong is said at once', async t => {
  const changes = {
    clientId: '{ file: absent }',
    clientSecret: '{ env: ABSENT_SECRET }',
    authenticationTokens: '{ lifetimeSec: 86400, renewBeforeSec: 86400 }',
    ...keys('{ file: short }, { file: sample }'),
  }
  t.same(
    faultsOf(t, issuingWith(changes)).map(([path]) => path),
    [
      'issuing.clientId.file',
      'issuing.clientSecret.env',
      'issuing.callers.backend.keys[0]',
      'issuing.callers.backend.keys[1]',
      `${tokens}.renewBeforeSec`,
    ],
  )
})

t.test('no fault repeats a secret', async t => {
  for (const [changes] of wrong) {
    const text = JSON.stringify(faultsOf(t, issuingWith(changes)))
    for (const secret of Object.values(files)) t.notMatch(text, secret.trim())
  }
})

t.test('secrets that change are read again; unfit ones are refused as a whole', async t => {
  const file = fileWith(t, issuingWith({}))
  const { source } = loadConfig(file, {})
  const write = (name: string, text: string) => writeFileSync(join(file, '..', name), text)
  write('secret', 'a-new-client-secret')
  write('key', otherKey)
  t.same(source?.readAgain().issuing?.secrets, {
    clientId: 'the-client-id',
    clientSecret: 'a-new-client-secret',
    backendKeys: [otherKey],
  })
  write('key', 'short')
  t.throws(() => source?.readAgain(), { code: 'ERR_FORAGE_CONFIG' })
  write('key', '')
  t.throws(() => source?.readAgain(), { code: 'ERR_FORAGE_CONFIG' })
})

t.test('ledger mode needs nobody to register tokens where tokens are issued here', async t => {
  const ledger = `environment: sandbox\nsession: { verify: ledger }\n${finePolicy}\n`
  t.match(problemsOf(writeConfig(t, ledger, { ...files })), [{ path: 'session.verify', message: /or issuing/ }])
  t.doesNotThrow(() => loadConfig(writeConfig(t, `${ledger}${issuingWith({})}`, { ...files }), {}))
})

t.test('without issuing there is none', async t => {
  t.equal(loadConfig(writeConfig(t, head()), {}).issuing, null)
  t.equal(loadConfig(writeConfig(t, `${head()}issuing: null\n`), {}).issuing, null)
})

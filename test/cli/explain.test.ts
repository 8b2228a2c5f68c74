import t from 'tap'
import { packageFile } from '../../src/config/package-files.ts'
import { reasonWords } from '../../src/explaining/reason-words.ts'
import { checks, denials } from '../../src/gate/reasons.ts'
import { finePolicy, writeConfig } from '../config/a-config.ts'
import { aToken, demoSecret } from './a-token.ts'
import { runCommand } from './run-command.ts'

const explain = ['explain', '--config', packageFile('config', 'demo.yaml')]
const order = ['GET', '/api/orders/0a1b2c3d4e/']

async function explainJson(args: readonly string[]) {
  const { code, out } = await runCommand([...explain, '--json', ...args])
  return { exitCode: code, ...JSON.parse(out) }
}

t.test('a request that would be forwarded is explained check by check', async t => {
  const { code, out } = await runCommand([...explain, ...order, '--token', aToken()])
  t.equal(code, 0)
  t.match(
    out.replace(/\d{4}-\d\d-\d\dT[\d:]+Z/, 'WHEN'),
    `protocol     passed
preflight    passed
credentials  passed
target       passed
route        passed       GET /api/orders/{ref}/, scope orders
token        passed       jwt, expires WHEN (in 1`,
  )
  t.match(out, /scope +passed +granted by default: payment_methods, payments, orders, balance_sessions\n/)
  t.match(out, /limits +passed\nforward +not reached\n\nallow: /)
  t.match(
    out,
    /\n\nnot known here:\n {2}- which tokens are revoked: ask the running gateway, POST \/explain on its admin/,
  )
  t.notMatch(out, 'would change the verdict')
})

t.test('the JSON of an allowed request holds the route, the session and every check', async t => {
  const { exitCode, steps, ...rest } = await explainJson([...order, '--token', aToken()])
  t.equal(exitCode, 0)
  t.match(rest, { verdict: 'allow', reason: null, status: null, code: null, scope: 'orders' })
  t.equal(rest.route, 'GET /api/orders/{ref}/')
  t.match(rest.session, {
    format: 'jwt',
    issuedAt: null,
    scopes: ['payment_methods', 'payments', 'orders', 'balance_sessions'],
  })
  t.same(
    steps.map((step: { check: string }) => step.check),
    checks,
  )
})

const cases: [string, readonly string[], string, string][] = [
  ['no token', order, 'credentials_missing', 'credentials'],
  ['a foreign route', ['POST', '/api/sessions/', '--token', aToken()], 'route_not_allowed', 'route'],
  ['an encoded slash', ['GET', '/api/orders/..%2f', '--token', aToken()], 'target_ambiguous', 'target'],
  ['an expired token', [...order, '--token', aToken({ exp: 1_700_000_000 })], 'token_expired', 'token'],
  ['a token that narrows itself', [...order, '--token', aToken({ scope: 'payments' })], 'scope_insufficient', 'scope'],
  ['an authentication token', [...order, '--token', 'mock_abc'], 'authentication_token', 'credentials'],
  [
    'a token and an Authorization field',
    [...order, '--token', aToken(), '-H', 'Authorization: Bearer x'],
    'credentials_multiple',
    'credentials',
  ],
  ['an upgrade', [...order, '-H', 'Upgrade: websocket'], 'upgrade_not_supported', 'protocol'],
  ['a Host that is none', [...order, '-H', 'Host: a b'], 'field_invalid', 'protocol'],
  [
    'a body that is too long',
    ['POST', '/api/payments/', '--token', aToken(), '-H', 'Content-Length: 1048577'],
    'body_too_large',
    'limits',
  ],
]

for (const [what, args, reason, check] of cases) {
  t.test(`${what} is refused as ${reason}, with exit code 1`, async t => {
    const { code, out } = await runCommand([...explain, ...args])
    t.equal(code, 1)
    t.match(out, new RegExp(`\\n?${check} +refused +${reason}: `))
    const { status } = denials[reason as keyof typeof denials]
    t.match(out, /\nwould change the verdict:\n {2}- \S/)
    t.match(out, new RegExp(`deny: ${reason}, answered with ${status} ${denials[reason as keyof typeof denials].code}`))
    const { steps, ...json } = await explainJson(args)
    t.match(json, { verdict: 'deny', reason, status })
    const refused = steps.findIndex((step: { result: string }) => step.result === 'refused')
    t.equal(checks[refused], check)
    t.ok(steps.slice(0, refused).every((step: { result: string }) => step.result === 'passed'))
    t.ok(steps.slice(refused + 1).every((step: { result: string }) => step.result === 'not_reached'))
  })
}

t.test('a preflight of a configured origin is answered by the gateway itself', async t => {
  const config = `environment: mock
upstream: { api: "http://127.0.0.1:1" }
session: { verify: signature, jwt: { secret: { value: ${demoSecret} } } }
${finePolicy}
cors: { origins: ["https://shop.example"] }
`
  const fields = ['-H', 'Origin: https://shop.example', '-H', 'Access-Control-Request-Method: GET']
  const args = ['explain', '--config', writeConfig(t, config), 'OPTIONS', '/api/orders/x/', ...fields]
  t.match(await runCommand(args), {
    code: 0,
    out: /credentials +not reached[\s\S]*preflight: answered by the gateway itself with 204/,
  })
  t.match(JSON.parse((await runCommand([...args, '--json'])).out), { verdict: 'preflight', status: 204, reason: null })
})

t.test('a request for a session token is the business of the running gateway', async t => {
  const config = `environment: mock
upstream: { api: "http://127.0.0.1:1" }
session: { verify: signature, jwt: { secret: { value: ${demoSecret} } } }
${finePolicy}
issuing:
  merchantAccount: "123ab45c67"
  clientId: { value: a-client-id-of-the-tests }
  clientSecret: { value: a-client-secret-of-the-tests }
  callers: { backend: { keys: [{ value: 0123456789abcdef0123456789abcdef }] } }
`
  const file = writeConfig(t, config)
  const args = ['explain', '--config', file, '-H', 'Authorization: Bearer x', 'POST', '/session_token']
  t.match(await runCommand(args), { code: 0, out: /target +answered +POST \/session_token[\s\S]*\nissue: / })
  const own = ['explain', '--config', file, ...order, '-H', 'X-Note: a-client-secret-of-the-tests']
  t.match(await runCommand(own), { code: 1, out: /deny: authentication_token/ })
})

t.test('a denial that the policy reports is let through, and told with what is to be done', async t => {
  const config = `environment: mock
upstream: { api: "http://127.0.0.1:1" }
session: { verify: signature, jwt: { secret: { value: ${demoSecret} } } }
${finePolicy.replace(' }', ', report: { scopes: [orders] } }')}
`
  const file = writeConfig(t, config)
  const args = ['explain', '--config', file, ...order, '--token', aToken({ scope: 'payments' })]
  const { code, out } = await runCommand(args)
  t.equal(code, 0)
  t.match(out, /scope +reported +scope_insufficient: .*let through/)
  t.match(
    out,
    /\nallow: .*logged as would_deny: scope_insufficient\n\nbefore the policy is enforced:\n {2}- a token whose claim/,
  )
})

t.test('what only a running gateway knows is told in each mode', async t => {
  const admin = 'admin: { port: 0, token: { value: 0123456789abcdef0123456789abcdef } }'
  for (const [verify, words] of [
    ['ledger', 'which tokens are on record, and which are revoked'],
    ['upstream', 'which tokens are revoked, and which Forage has refused'],
  ]) {
    const config = `environment: mock\nupstream: { api: "http://127.0.0.1:1" }\nsession: { verify: ${verify} }\n${finePolicy}\n${admin}\n`
    const args = ['explain', '--config', writeConfig(t, config), ...order, '--token', aToken()]
    t.match((await runCommand(args)).out, `not known here:\n  - ${words}`)
  }
})

t.test('the token is never printed', async t => {
  const token = aToken()
  for (const options of [[], ['--json']]) {
    const { out, err } = await runCommand([...explain, ...options, ...order, '--token', token])
    t.notMatch(out + err, token.slice(-20))
  }
})

t.test('a field that is not a field is wrong usage', async t => {
  t.match(await runCommand([...explain, ...order, '-H', 'no colon']), { code: 2, err: /-H takes 'Name: value'/ })
  t.match(await runCommand([...explain, ...order, '-H', ': x']), { code: 2 })
})

t.test('every reason has words of its own', async t => {
  t.same(Object.keys(reasonWords).sort(), Object.keys(denials).sort())
  t.equal(new Set(Object.values(reasonWords)).size, Object.keys(denials).length)
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { packageFile } from '../../src/config/package-files.ts'
import { writeConfig } from '../config/a-config.ts'
import { runCommand } from './run-command.ts'

const demo = packageFile('config', 'demo.yaml')

const policy = `scopes:
  orders: ["GET /api/orders/{ref}/"]
  payments: [POST /api/payments/]
grants: { default: [orders, payments], useCases: { look: [orders] }, claim: scope }
`

/** Session settings by verification mode, on a machine that has no key of Forage's. */
const sessions: Readonly<Record<string, string>> = {
  ledger: 'session: { verify: ledger }\nadmin: { token: { value: an-admin-token-of-the-tests-long-enough } }',
  upstream: 'session: { verify: upstream }',
  signature:
    'session: { verify: signature, jwt: { algorithms: [ES256], jwksUrl: "https://keys.example/", issuer: a, audience: b } }',
}

/** Runs cases, as text below "cases:", under the small policy above. */
async function runCases(
  t: Test,
  cases: string,
  { more = '', args = [] as readonly string[], policyText = policy } = {},
) {
  const lines = `environment: mock\nupstream: { api: "http://127.0.0.1:1" }\npolicy: { file: policy.yaml }\n${more || sessions.upstream}\n`
  const file = writeConfig(t, lines, { 'policy.yaml': policyText, 'cases.yaml': `cases:\n${cases}` })
  const casesFile = join(file, '..', 'cases.yaml')
  const result = await runCommand(['test-policy', '--config', file, ...args, casesFile])
  return {
    ...result,
    out: result.out.replaceAll(casesFile, 'cases.yaml'),
    err: result.err.replaceAll(casesFile, 'cases.yaml'),
  }
}

for (const [name, count] of [
  ['policy', 277],
  ['policy.strict', 208],
] as const) {
  t.test(`the shipped ${name} means what its cases say, and they leave no route open`, async t => {
    const [own, cases] = [packageFile('config', `${name}.yaml`), packageFile('config', `${name}.cases.yaml`)]
    const { code, out } = await runCommand(['test-policy', '--config', demo, '--policy', own, '--coverage', cases])
    t.equal(code, 0, out)
    t.match(out, `${count} cases: ${count} as expected, 0 not\ncoverage: each of `)
  })
}

t.test('the strict cases find what the wider policy lets through', async t => {
  const cases = packageFile('config', 'policy.strict.cases.yaml')
  const { code, out } = await runCommand(['test-policy', '--config', demo, cases])
  t.equal(code, 1)
  t.match(
    out,
    /no method but those that are listed\n( {4}request .*\n)* {4}request {3}PATCH \/api\/payment_methods\/0a1b2c3d4e\/\n/,
  )
})

t.test('a case that fails is shown with what was expected, what came, why, and the nearest route', async t => {
  const cases = `  - name: orders are read
    request: [GET /api/orders/abc/, GET /api/orders/abc]
    session: { scopes: [payments] }
    expect: allow
    scope: orders
    route: GET /api/orders/{order}/
  - { request: PUT /api/orders/abc/, expect: allow }
  - { request: GET /api/orders/abc/, session: { scopes: [] }, expect: allow }
  - { request: POST /api/payments/, expect: allow, scope: orders }
  - { request: POST /api/payments/, expect: scope_insufficient }
`
  t.same(await runCases(t, cases), {
    code: 1,
    err: '',
    out: `cases.yaml:2 orders are read
    request   GET /api/orders/abc/
    request   GET /api/orders/abc
  - expected  allow, route GET /api/orders/{order}/, scope orders
  + got       scope_insufficient: the route is of a scope that this session does not have
    route     GET /api/orders/{ref}/, scope orders
    granted   payments

cases.yaml:8
    request   PUT /api/orders/abc/
  - expected  allow
  + got       route_not_allowed: no route of the policy has this method and path
    nearest   GET /api/orders/{ref}/

cases.yaml:9
    request   GET /api/orders/abc/
  - expected  allow
  + got       scope_insufficient: the route is of a scope that this session does not have
    route     GET /api/orders/{ref}/, scope orders
    granted   no scope

cases.yaml:10
    request   POST /api/payments/
  - expected  allow, scope orders
  + got       allow
    route     POST /api/payments/, scope payments
    granted   orders, payments

cases.yaml:11
    request   POST /api/payments/
  - expected  scope_insufficient
  + got       allow
    route     POST /api/payments/, scope payments
    granted   orders, payments

6 cases: 0 as expected, 6 not
`,
  })
})

t.test('the JSON holds each failure, and what no case shows', async t => {
  const cases = '  - { name: a, request: GET /api/orders/abc/, expect: allow }\n  - { request: GET /, expect: allow }\n'
  const { code, out } = await runCases(t, cases, { args: ['--json', '--coverage'] })
  t.equal(code, 1)
  t.match(JSON.parse(out), { fine: false, cases: 2, asExpected: 1 })
  const { failures, coverage } = JSON.parse(out)
  t.match(failures, [
    {
      line: 3,
      name: null,
      request: 'GET /',
      expected: { verdict: 'allow', route: null, scope: null },
      got: { verdict: 'route_not_allowed', route: null, scope: null, granted: null, nearest: null },
    },
  ])
  t.same(coverage, {
    neverAllowed: ['POST /api/payments/'],
    neverRefused: ['GET /api/orders/{ref}/', 'POST /api/payments/'],
    neverGranted: [],
  })
})

t.test('routes that no case shows are named with --coverage, and only then make the answer no', async t => {
  const cases = '  - { request: GET /api/orders/abc/, expect: allow, route: "GET /api/orders/{any}/" }\n'
  t.match(await runCases(t, cases), { code: 0, out: '1 case: 1 as expected, 0 not\n' })
  t.same((await runCases(t, cases, { args: ['--coverage'] })).out.split('\n').slice(1), [
    'coverage: of 2 routes, 1 are never let through, 2 never refused for lack of scope',
    '  never let through        POST /api/payments/',
    '  never refused for scope  GET /api/orders/{ref}/',
    '  never refused for scope  POST /api/payments/',
    '',
  ])
  t.equal((await runCases(t, cases, { args: ['--coverage'] })).code, 1)
})

t.test('a route whose scope no grant names is never granted, and leaves nothing open', async t => {
  const policyText = policy.replace('payments: [', 'parked: [').replace('[orders, payments]', '[orders]')
  const cases = `  - { request: GET /api/orders/abc/, expect: allow }
  - { request: GET /api/orders/abc/, session: { scopes: [] }, expect: scope_insufficient }
`
  t.match(await runCases(t, cases, { args: ['--coverage'], policyText }), {
    code: 0,
    out: `2 cases: 2 as expected, 0 not
coverage: each of 1 route is let through, and refused for lack of scope
  never granted            POST /api/payments/
`,
  })
  const { code, out } = await runCases(t, cases, { args: ['--coverage', '--json'], policyText })
  t.equal(code, 0)
  t.match(JSON.parse(out), { fine: true, coverage: { neverGranted: ['POST /api/payments/'] } })
  // One grant that names the scope is enough for the route to count.
  const granted = policyText.replace('look: [orders]', 'look: [parked]')
  t.equal((await runCases(t, cases, { args: ['--coverage'], policyText: granted })).code, 1)
})

const order = 'request: GET /api/orders/abc/'
/** By kind of token: the verdict in each mode. */
const tokens: readonly (readonly [session: string, ledger: string, upstream: string, signature: string])[] = [
  ['valid', 'allow', 'allow', 'allow'],
  ['none', 'credentials_missing', 'credentials_missing', 'credentials_missing'],
  ['expired', 'token_expired', 'token_expired', 'token_expired'],
  ['not_yet_valid', 'token_unknown', 'token_not_yet_valid', 'token_not_yet_valid'],
  ['too_long', 'token_unknown', 'lifetime_exceeded', 'lifetime_exceeded'],
  ['revoked', 'token_revoked', 'token_revoked', 'token_revoked'],
  ['forged', 'token_unknown', 'allow', 'signature_invalid'],
  ['other_environment', 'environment_mismatch', 'environment_mismatch', 'environment_mismatch'],
  ['malformed', 'token_malformed', 'token_malformed', 'token_malformed'],
  ['not_canonical', 'token_not_canonical', 'token_not_canonical', 'token_not_canonical'],
  ['authentication', 'authentication_token', 'authentication_token', 'authentication_token'],
  ['{ useCase: look }', 'allow', 'allow', 'allow'],
  ['{ useCase: look, scopes: [payments] }', 'scope_insufficient', 'scope_insufficient', 'scope_insufficient'],
  ['{ token: expired, scopes: [] }', 'token_expired', 'token_expired', 'token_expired'],
]
for (const [column, mode] of (['ledger', 'upstream', 'signature'] as const).entries()) {
  t.test(`in mode ${mode}, tokens of every kind meet what they would meet in the running gateway`, async t => {
    const cases = tokens.map(([session, ...verdicts]) => {
      return `  - { ${order}, session: ${session}, expect: ${verdicts[column]} }\n`
    })
    const { code, out } = await runCases(t, cases.join(''), { more: sessions[mode] ?? '' })
    t.equal(code, 0, out)
  })
}

t.test('use cases, merchants, fields and records narrow a session as in the running gateway', async t => {
  const cases = `  - { request: POST /api/payments/, session: { useCase: look }, expect: scope_insufficient, scope: payments }
  - { ${order}, merchantAccount: mid/111, expect: allow }
  - { ${order}, merchantAccount: "222", expect: merchant_account_not_allowed }
  - { ${order}, merchantAccount: "111", session: { merchantAccount: "333" }, expect: merchant_account_not_allowed }
  - { ${order}, fields: { Host: shop.example, Accept: [a/b, c/d] }, expect: allow }
  - { ${order}, fields: { Host: a b }, expect: field_invalid }
  - { request: POST /api/payments/, fields: { Content-Length: "1048577" }, expect: body_too_large }
  - request: OPTIONS /api/orders/abc/
    fields: { Origin: "https://shop.example", Access-Control-Request-Method: GET }
    session: none
    expect: preflight
`
  const more = `${sessions.ledger}\nmerchantAccounts: ["111", "333"]\ncors: { origins: ["https://shop.example"] }\n`
  const { code, out } = await runCases(t, cases, { more })
  t.equal(code, 0, out)
})

t.test('without a claim in the policy, scopes narrow a session by its record', async t => {
  const cases = `  - { ${order}, session: { scopes: [payments] }, expect: scope_insufficient }\n`
  const { code, out } = await runCases(t, cases, { policyText: policy.replace(', claim: scope', '') })
  t.equal(code, 0, out)
})

t.test('where session tokens are issued, a case may expect that', async t => {
  const { code, out } = await runCommand([
    'test-policy',
    '--config',
    demo,
    join(
      t.testdir({
        'cases.yaml': 'cases:\n  - { request: POST /session_token, expect: issue }\n',
      }),
      'cases.yaml',
    ),
  ])
  t.equal(code, 0, out)
})

t.test('report mode is left aside: a case says what the policy means', async t => {
  const text = readFileSync(demo, 'utf8').replace(
    'file: policy.yaml',
    `file: ${packageFile('config', 'policy.yaml')}\n  mode: report`,
  )
  const file = writeConfig(t, text, {
    'cases.yaml': `cases:\n  - { ${order}, session: { scopes: [] }, expect: scope_insufficient }\n`,
  })
  t.match(await runCommand(['test-policy', '--config', file, join(file, '..', 'cases.yaml')]), { code: 0 })
})

t.test('every problem of a file of cases is told at once, with its line, and the exit code is 78', async t => {
  const cases = `  - { request: GET, expect: allow }
  - { request: [], expect: alow }
  - { expect: route_forbidden, requst: GET / }
  - { ${order}, session: expird, expect: allow }
  - { ${order}, session: { scope: [orders] }, expect: allow }
  - { ${order}, fields: { A: [1] }, expect: allow }
  - just text
  - { request: 5, expect: allow }
`
  const { code, out, err } = await runCases(t, cases)
  t.equal(code, 78)
  t.equal(out, '')
  for (const problem of [
    /cases\.yaml:2:\d+ cases\[0\]\.request\[0\]: must be a method, one space and a target/,
    /cases\.yaml:3:\d+ cases\[1\]\.request: must be a method/,
    /cases\.yaml:3:\d+ cases\[1\]\.expect: is no verdict.*did you mean "allow"/,
    /cases\.yaml:4:\d+ cases\[2\]\.expect: is no verdict/,
    /cases\.yaml:4:\d+ cases\[2\]\.request: is needed: write METHOD \/path\/, such as GET \/api\/orders\/abc\/\n/,
    /cases\.yaml:9:\d+ cases\[7\]\.request: must be a method, one space and a target/,
    /cases\.yaml:4:\d+ cases\[2\]\.requst: is not a known key; did you mean "request"/,
    /cases\.yaml:5:\d+ cases\[3\]\.session\.token: is no kind of token; did you mean "expired"/,
    /cases\.yaml:6:\d+ cases\[4\]\.session\.scope: is not a known key; did you mean "scopes"/,
    /cases\.yaml:7:\d+ cases\[5\]\.fields\.A\[0\]: must be text in quotes/,
    /cases\.yaml:8:\d+ cases\[6\]: must be keys and values/,
  ])
    t.match(err, problem)
})

t.test('a scope and a use case that the policy does not have are problems', async t => {
  const cases = `  - { ${order}, session: { scopes: [order], useCase: loo }, expect: allow }
  - { ${order}, expect: allow, scope: nothing }
`
  const { code, err } = await runCases(t, cases)
  t.equal(code, 78)
  t.match(err, /:2:\d+ cases\[0\]\.session\.scopes\[0\]: is no scope of the policy; did you mean "orders"/)
  t.match(err, /:2:\d+ cases\[0\]\.session\.useCase: is no use case of the policy; did you mean "look"/)
  t.match(err, /:3:\d+ cases\[1\]\.scope: is no scope of the policy; write one of orders, payments/)
})

/** A gateway that issues session tokens: the demo, with the small policy. */
const issuing = readFileSync(demo, 'utf8')

t.test('sessions of a use case that is issued and not listed are those that the gateway issues', async t => {
  const cases = `  - { request: POST /api/payments/, session: { useCase: checkout }, expect: allow }
  - { request: POST /api/payments/, session: { useCase: balance }, expect: scope_insufficient }
  - { request: POST /api/payments/, session: { useCase: checkout, scopes: [orders] }, expect: scope_insufficient }
  - { ${order}, session: { useCase: checkout }, merchantAccount: mid/123ab45c67, expect: allow }
  - { ${order}, session: { useCase: checkout }, merchantAccount: "222", expect: merchant_account_not_allowed }
  - { ${order}, session: { useCase: balance }, merchantAccount: "222", expect: allow }
`
  const file = writeConfig(t, issuing, {
    'policy.yaml': policy.replace('look:', 'balance:'),
    'cases.yaml': `cases:\n${cases}`,
    'wrong.yaml': `cases:\n  - { ${order}, session: { useCase: checkuot }, expect: allow }\n`,
    'next.yaml': policy.replace('look:', 'balanse:'),
  })
  const run = (name: string, ...more: string[]) =>
    runCommand(['test-policy', '--config', file, ...more, join(file, '..', name)])
  const { code, out } = await run('cases.yaml')
  t.equal(code, 0, out)
  t.match(await run('wrong.yaml'), { code: 78, err: /useCase: is no use case of the policy; did you mean "checkout"/ })
  t.match(await run('cases.yaml', '--policy', join(file, '..', 'next.yaml')), {
    code: 78,
    err: /next\.yaml:4:\d+ next\.yaml: grants\.useCases\.balanse: .*did you mean "balance"/,
  })
})

t.test('a file without cases, or that is not there, is a wrong configuration', async t => {
  t.match(await runCases(t, '  []\n'), { code: 78, err: /must hold at least one case/ })
  t.match(await runCommand(['test-policy', '--config', demo, '/absent.yaml']), { code: 78, err: /cannot be read/ })
  t.match(await runCommand(['test-policy', '--config', demo]), { code: 2, err: /CASES\.yaml is missing/ })
})

t.test('no token is ever printed', async t => {
  const cases = tokens.map(([session]) => `  - { ${order}, session: ${session}, expect: draining }\n`).join('')
  const { out, err } = await runCases(t, cases, { more: sessions.ledger ?? '', args: ['--json'] })
  t.notMatch(out + err, /mock_|sandbox_|eyJ/)
})

import t from 'tap'
import { readPolicy } from '../../src/config/read-policy.ts'

function problemsOf(text: string): readonly { path: string; message: string; line?: number; column?: number }[] {
  const outcome = readPolicy('policies/policy.yaml', text)
  return 'problems' in outcome ? outcome.problems : []
}

t.test('every bad rule is a problem with its place in the policy file', async t => {
  const problems = problemsOf(`scopes:
  payments:
    - POST /api/payments/
    - GET /api/sessions/
    - get /api/payments/{ref}/
    - POST /api/payments/
grants:
  default: [payments, order]
`)
  t.match(problems, [
    {
      path: 'policy.yaml: scopes.payments[1]',
      file: 'policies/policy.yaml',
      line: 4,
      column: 7,
      message: /no session token/,
    },
    { path: 'policy.yaml: scopes.payments[2]', line: 5, message: /in capitals/ },
    { path: 'policy.yaml: scopes.payments[3]', line: 6, message: /overlaps/ },
    { path: 'policy.yaml: grants.default[1]', line: 8, column: 23, message: /"order" is not a scope/ },
  ])
})

t.test('a policy of the wrong shape is refused before its routes are looked at', async t => {
  t.match(problemsOf('scopes: { orders: [1], Payments: [] }\ngrant: {}\n'), [
    { path: 'policy.yaml: scopes.orders[0]', message: /method and a path/ },
    { path: 'policy.yaml: scopes.Payments', message: /lower-case/ },
    { path: 'policy.yaml: grants', message: /is needed/ },
    { path: 'policy.yaml: grant', message: /did you mean "grants"/ },
  ])
})

t.test('a policy that is not YAML is refused with its place', async t => {
  t.match(problemsOf('scopes: [\n'), [{ path: 'policy.yaml', line: 2 }])
})

t.test('a fault that is not about the policy is not taken for one', async t => {
  t.throws(() => readPolicy('policy.yaml', null as unknown as string), TypeError)
})

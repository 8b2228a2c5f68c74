import t from 'tap'
import { routeText } from '../../src/gate/reported-routes.ts'
import { finePolicy, fineSession, load, problemsIn } from './a-config.ts'

function configWith(policy: string): string {
  return `environment: sandbox\n${fineSession}\n${finePolicy.replace(' }', `, ${policy} }`)}\n`
}

const rows: readonly (readonly [string, readonly string[] | 'all'])[] = [
  ['mode: enforce', []],
  ['mode: report', 'all'],
  ['report: {}', []],
  ['report: { routes: ["POST /api/payments/{ref}/void/"] }', ['POST /api/payments/{ref}/void/']],
  [
    'report: { scopes: [balance_sessions], routes: ["GET /api/payments/"] }',
    ['GET /api/payments/', 'POST /api/balance_sessions/', 'GET /api/balance_sessions/{ref}/'],
  ],
  ['mode: report, report: { scopes: [orders] }', 'all'],
]

for (const [written, expected] of rows) {
  t.test(`policy: { ${written} } reports ${expected === 'all' ? 'all' : expected.length} routes`, async t => {
    const { policy } = load(t, configWith(written))
    const reported = [...policy.reportedRoutes].map(routeText)
    t.same(reported, expected === 'all' ? policy.routes.map(routeText) : expected)
  })
}

const wrong: readonly (readonly [string, string, RegExp])[] = [
  ['report: { scopes: [order] }', 'policy.report.scopes[0]', /^is no scope of the policy; did you mean "orders"\?$/],
  ['report: { scopes: [orders, refunds_of_all] }', 'policy.report.scopes[1]', /write one as it stands there, such as/],
  [
    'report: { routes: ["GET /api/order/{ref}/"] }',
    'policy.report.routes[0]',
    /^is no route of the policy; did you mean "GET \/api\/orders\/\{ref\}\/"\?$/,
  ],
  [
    'report: { routes: ["GET /api/orders/{id}/"] }',
    'policy.report.routes[0]',
    /did you mean "GET \/api\/orders\/\{ref\}/,
  ],
  ['report: { routes: ["POST /api/sessions/"] }', 'policy.report.routes[0]', /is no route of the policy/],
  ['report: { scopes: [1] }', 'policy.report.scopes[0]', /must be the name of a scope/],
  ['report: { routes: [{}] }', 'policy.report.routes[0]', /must be a route of the policy/],
  ['report: { scope: [orders] }', 'policy.report.scope', /did you mean "scopes"/],
  ['mode: reports', 'policy.mode', /must be one of enforce, report/],
]

for (const [written, path, message] of wrong) {
  t.test(`policy: { ${written} } is refused at ${path}`, async t => {
    const problems = problemsIn(t, configWith(written))
    t.match(problems, [{ path, message }])
    t.equal(problems.length, 1)
  })
}

t.test('a policy that is not fit is told of itself, not of the names that it lacks', async t => {
  const text = `environment: sandbox\n${fineSession}\npolicy: { file: policy.yaml, report: { scopes: [orders] } }\n`
  const problems = problemsIn(t, text, { 'policy.yaml': 'scopes: {}\n' })
  t.match(
    problems.map(({ path }) => path),
    ['policy.yaml: grants'],
  )
})

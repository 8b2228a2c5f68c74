import t from 'tap'
import {
  describeReported,
  type ReportRules,
  reportedBy,
  routeText,
  withReported,
} from '../../src/gate/reported-routes.ts'
import { aPolicy } from '../fixtures/config.ts'

const policy = aPolicy({
  scopes: {
    orders: ['GET /api/orders/{ref}/'],
    payments: ['GET /api/payments/', 'POST /api/payments/'],
    nothing: [],
  },
  grants: { default: ['orders'] },
})
const all = ['GET /api/orders/{ref}/', 'GET /api/payments/', 'POST /api/payments/']
const sentence = 'report mode: a session without the scope is let through and logged as would_deny on '

const rows: readonly (readonly [string, Partial<ReportRules>, readonly string[], ReportRules, string | undefined])[] = [
  ['nothing', {}, [], { mode: 'enforce', scopes: [], routes: [] }, undefined],
  ['everything', { mode: 'report' }, all, { mode: 'report', scopes: [], routes: [] }, 'every route'],
  [
    'a scope',
    { scopes: ['orders'] },
    all.slice(0, 1),
    { mode: 'enforce', scopes: ['orders'], routes: [] },
    'scope orders',
  ],
  [
    'a route, and no other of its path',
    { routes: ['POST /api/payments/'] },
    all.slice(2),
    { mode: 'enforce', scopes: [], routes: ['POST /api/payments/'] },
    'POST /api/payments/',
  ],
  [
    'all routes of a scope, one by one',
    { routes: all.slice(1) },
    all.slice(1),
    { mode: 'enforce', scopes: ['payments'], routes: [] },
    'scope payments',
  ],
  [
    'a scope and a route of it and one of another',
    { scopes: ['orders'], routes: ['GET /api/orders/{ref}/', 'GET /api/payments/'] },
    all.slice(0, 2),
    { mode: 'enforce', scopes: ['orders'], routes: ['GET /api/payments/'] },
    'scope orders, GET /api/payments/',
  ],
  ['every scope', { scopes: ['orders', 'payments'] }, all, { mode: 'report', scopes: [], routes: [] }, 'every route'],
  ['a scope without routes', { scopes: ['nothing'] }, [], { mode: 'enforce', scopes: [], routes: [] }, undefined],
]

for (const [what, rules, reported, summary, words] of rows) {
  t.test(`${what} is reported, and told in as few words as that takes`, async t => {
    const changed = withReported(policy, { mode: 'enforce', scopes: [], routes: [], ...rules })
    t.same([...changed.reportedRoutes].map(routeText), reported)
    t.same(reportedBy(changed), summary)
    t.equal(describeReported(changed), words && `${sentence}${words}`)
    t.equal(policy.reportedRoutes.size, 0, 'the policy itself is not changed')
  })
}

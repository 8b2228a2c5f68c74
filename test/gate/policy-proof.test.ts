import t from 'tap'
import { neverRouteOpenedBy } from '../../src/gate/never-routes.ts'
import { compilePolicy } from '../../src/gate/policy.ts'
import { meetingPath, parseRequestPattern, type RequestPattern } from '../../src/gate/policy-pattern.ts'
import { findHoles, neverPatterns } from '../../src/gate/policy-proof.ts'
import { withReported } from '../../src/gate/reported-routes.ts'
import { parseRouteTemplate, type RouteTemplate } from '../../src/gate/route-template.ts'
import { aPolicy, defaultPolicy } from '../fixtures/config.ts'

const forbid = (...texts: readonly string[]) => texts.map(text => parseRequestPattern(text) as RequestPattern)

t.test('no session token reaches a never-route under the shipped policy', async t => {
  t.same(findHoles(defaultPolicy(), neverPatterns), [])
})

t.test('a hole is a request, the route that it takes, and whoever is granted its scope', async t => {
  const policy = aPolicy({
    scopes: { orders: ['GET /api/orders/{ref}/'], payments: ['POST /api/payments/'] },
    grants: { default: ['payments'], useCases: { look: ['orders'], pay: ['payments'], both: ['orders', 'payments'] } },
  })
  const holes = findHoles(policy, forbid('* /api/orders/**', 'GET /api/payments/', 'write /api/**'))
  t.same(
    holes.map(({ pattern, route, method, target, grants }) => {
      return [pattern.text, route.scope, `${method} ${target}`, grants.map(grant => grant.useCase)]
    }),
    [
      ['* /api/orders/**', 'orders', 'GET /api/orders/0a1b2c3d4e/', ['look', 'both']],
      ['write /api/**', 'payments', 'POST /api/payments/', [null, 'pay', 'both']],
    ],
  )
})

t.test('a route whose scope is granted to nobody is no hole, unless its lack is only reported', async t => {
  const policy = aPolicy({ scopes: { orders: ['GET /api/orders/{ref}/'] }, grants: { default: [] } })
  t.same(findHoles(policy, forbid('* /**')), [])
  const reporting = withReported(policy, { mode: 'report', scopes: [], routes: [] })
  t.match(findHoles(reporting, forbid('* /**')), [{ grants: [{ useCase: null }], isReported: true }])
})

const segments = [
  'o',
  'api',
  'API',
  'Refunds',
  'proxy',
  'session_token',
  'orders',
  'payments',
  'refunds',
  'merchants',
  'x',
  '{ref}',
]

t.test('a policy is refused for a never-route just when the proof of it would fail', async t => {
  let refused = 0
  const lists = segments.flatMap(a => ['', ...segments].flatMap(b => ['', ...segments].map(c => [a, b, c])))
  for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE']) {
    for (const list of lists) {
      for (const last of ['', 'refunds']) {
        const text = `${method} /${[...list, last].filter(part => part !== '').join('/')}/`
        const route = parseRouteTemplate(text) as RouteTemplate
        const isRefused = neverRouteOpenedBy(route) !== undefined
        if (isRefused) refused++
        if (isRefused !== neverPatterns.some(each => meetingPath(route, each) !== undefined)) t.fail(text)
      }
    }
  }
  t.ok(refused > 1000, `${refused} routes open a never-route`)
})

t.test('the proof finds what a policy without the rule against never-routes would open', async t => {
  const document = { scopes: { s: ['POST /{any}/token/'] }, grants: { default: ['s'] } }
  t.match(compilePolicy(document), { problems: [{ message: /no session token may reach/ }] })
  const route = { ...(parseRouteTemplate('POST /{any}/token/') as RouteTemplate), scope: 's' }
  const policy = { ...defaultPolicy(), routes: [route], defaultScopes: new Set(['s']) }
  t.match(findHoles(policy, neverPatterns), [{ pattern: { text: '* /o/**' }, target: '/o/token/' }])
})

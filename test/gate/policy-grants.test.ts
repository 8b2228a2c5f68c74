import t from 'tap'
import { grants } from '../../src/gate/policy.ts'
import { grantFor, grantsOf, unreachableRoutes } from '../../src/gate/policy-grants.ts'
import { withReported } from '../../src/gate/reported-routes.ts'
import { aPolicy } from '../fixtures/config.ts'
import { aSession } from '../fixtures/gate.ts'

const policy = aPolicy({
  scopes: { orders: ['GET /api/orders/{ref}/'], payments: ['POST /api/payments/'], spare: ['GET /api/spare/'] },
  grants: { default: ['orders'], useCases: { pay: ['payments'], none: [] } },
})

t.test('the grants of a policy are the default one and one for each use case', async t => {
  t.same(
    grantsOf(policy).map(({ useCase, scopes }) => [useCase, [...scopes]]),
    [
      [null, ['orders']],
      ['pay', ['payments']],
      ['none', []],
    ],
  )
})

for (const useCase of [undefined, 'pay', 'none', 'unheard-of']) {
  t.test(`the grant for ${useCase ?? 'no use case'} is the one that the gate goes by`, async t => {
    const provenance = { recordedAt: 0, useCase, scopes: undefined, merchantAccount: undefined, parent: undefined }
    const session = aSession({ provenance })
    for (const scope of policy.scopes) t.equal(grantFor(policy, useCase).has(scope), grants(policy, session, scope))
  })
}

t.test('a route whose scope no session has is listed in vain', async t => {
  t.match(unreachableRoutes(policy, false), [{ route: { template: '/api/spare/' }, why: 'not_granted' }])
  t.same(unreachableRoutes(withReported(policy, { mode: 'enforce', scopes: ['spare'], routes: [] }), false), [])
})

t.test('a route that the gateway answers itself is listed in vain, where it issues session tokens', async t => {
  const shadowed = aPolicy({
    scopes: { all: ['POST /session_token/', 'GET /session_token/'] },
    grants: { default: ['all'] },
  })
  t.same(unreachableRoutes(shadowed, false), [])
  const found = unreachableRoutes(shadowed, true)
  t.equal(found.length, 1)
  t.match(found, [{ route: { method: 'POST', template: '/session_token/' }, why: 'answered_here' }])
})

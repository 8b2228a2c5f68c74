import t from 'tap'
import { policyDigest } from '../../src/config/policy-digest.ts'
import { withReported } from '../../src/gate/reported-routes.ts'
import { aPolicy } from '../fixtures/config.ts'

const written = {
  scopes: { orders: ['GET /api/orders/{ref}/'], payments: ['GET /api/payments/', 'POST /api/payments/'] },
  grants: { default: ['orders', 'payments'], useCases: { checkout: ['payments', 'orders'] }, claim: 'scope' },
}

t.test('the order in which a policy is written does not matter to its digest', async t => {
  const turned = {
    scopes: { payments: ['POST /api/payments/', 'GET /api/payments/'], orders: ['GET /api/orders/{ref}/'] },
    grants: { default: ['payments', 'orders'], useCases: { checkout: ['orders', 'payments'] }, claim: 'scope' },
  }
  t.match(policyDigest(aPolicy(written)), /^[0-9a-f]{16}$/)
  t.equal(policyDigest(aPolicy(turned)), policyDigest(aPolicy(written)))
})

const { grants, scopes } = written
t.test('what is reported makes another digest, and nothing that is reported none', async t => {
  const policy = aPolicy(written)
  const none = { mode: 'enforce', scopes: [], routes: [] } as const
  t.equal(policyDigest(withReported(policy, none)), policyDigest(policy))
  const digests = [
    { ...none, mode: 'report' as const },
    { ...none, scopes: ['orders'] },
    { ...none, scopes: ['payments'] },
  ]
  const all = digests.map(rules => policyDigest(withReported(policy, rules)))
  t.equal(new Set([policyDigest(policy), ...all]).size, 4)
})

for (const [what, other] of [
  ['a route less', { scopes: { ...scopes, payments: ['GET /api/payments/'] }, grants }],
  ['a route in another scope', { scopes: { orders: [], payments: [...scopes.orders, ...scopes.payments] }, grants }],
  ['a default less', { scopes, grants: { ...grants, default: ['orders'] } }],
  ['a use case less', { scopes, grants: { ...grants, useCases: {} } }],
  ['another claim', { scopes, grants: { ...grants, claim: null } }],
] as const) {
  t.test(`${what} makes another digest`, async t => {
    t.not(policyDigest(aPolicy(other)), policyDigest(aPolicy(written)))
  })
}

import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { compilePolicy, grantedScopes, grants, type Policy, type PolicyDocument } from '../../src/gate/policy.ts'
import { aPolicy, defaultPolicy } from '../fixtures/config.ts'
import { aSession } from '../fixtures/gate.ts'

const document: PolicyDocument = {
  scopes: { orders: ['GET /api/orders/{ref}/'], payments: ['POST /api/payments/', 'GET /api/payments/{ref}/'] },
  grants: { default: ['orders', 'payments'] },
}

function problemsOf(overrides: Partial<PolicyDocument>): readonly string[] {
  const outcome = compilePolicy({ ...document, ...overrides })
  return 'problems' in outcome ? outcome.problems.map(({ path, message }) => `${path}: ${message}`) : []
}

t.test('a policy knows its scopes, its routes and what it grants', async t => {
  const policy = aPolicy({
    ...document,
    grants: { default: ['orders'], useCases: { a: ['payments'] }, claim: 'scope' },
  })
  t.same(policy.scopes, ['orders', 'payments'])
  t.same(
    policy.routes.map(({ method, template, scope }) => [method, template, scope]),
    [
      ['GET', '/api/orders/{ref}/', 'orders'],
      ['POST', '/api/payments/', 'payments'],
      ['GET', '/api/payments/{ref}/', 'payments'],
    ],
  )
  t.equal(policy.routeTable.find('GET', '/api/orders/a')?.scope, 'orders')
  t.same(policy.defaultScopes, new Set(['orders']))
  t.same(policy.useCases, new Map([['a', new Set(['payments'])]]))
  t.equal(policy.scopeClaim, 'scope')
})

t.test('a policy that names no claim and no use cases has none', async t => {
  t.equal(aPolicy(document).scopeClaim, null)
  t.equal(aPolicy({ ...document, grants: { default: [], claim: null } }).scopeClaim, null)
  t.equal(aPolicy(document).useCases.size, 0)
})

const faults: readonly (readonly [what: string, overrides: Partial<PolicyDocument>, problem: string])[] = [
  [
    'a text that is no route',
    { scopes: { a: ['GET api'] }, grants: { default: [] } },
    'scopes.a[0]: must be a method, one space and a path, such as "GET /api/orders/{ref}/"; found "GET api"',
  ],
  [
    'a never-route',
    { scopes: { a: ['GET /a/', 'POST /api/sessions/'] }, grants: { default: ['a'] } },
    'scopes.a[1]: "POST /api/sessions/" would open /api/sessions/**, which no session token may reach: remove it',
  ],
  [
    'a never-route of a scope that nobody is granted',
    { scopes: { a: ['POST /o/token/'] }, grants: { default: [] } },
    'scopes.a[0]: "POST /o/token/" would open /o/**, which no session token may reach: remove it',
  ],
  [
    'two routes that one request would match',
    { scopes: { a: ['GET /api/a/{x}/'], b: ['GET /api/a/c/'] }, grants: { default: [] } },
    'scopes.b[0]: "GET /api/a/c/" overlaps "GET /api/a/{x}/" (scopes.a[0]): keep one of them; a literal beside a parameter in one place, such as /mine/ and /{ref}/, is never possible',
  ],
  [
    'a route that is listed twice',
    { scopes: { a: ['GET /a/', 'GET /a/'] }, grants: { default: [] } },
    'scopes.a[1]: "GET /a/" overlaps "GET /a/" (scopes.a[0]): keep one of them; a literal beside a parameter in one place, such as /mine/ and /{ref}/, is never possible',
  ],
  [
    'a default grant of an unknown scope',
    { grants: { default: ['orders', 'refunds'] } },
    'grants.default[1]: "refunds" is not a scope of this policy: write one of orders, payments',
  ],
  [
    'a use case with an unknown scope',
    { grants: { default: [], useCases: { balance: ['Orders'] } } },
    'grants.useCases.balance[0]: "Orders" is not a scope of this policy: write one of orders, payments',
  ],
]
for (const [what, overrides, problem] of faults) {
  t.test(`a policy with ${what} is refused`, async t => t.same(problemsOf(overrides), [problem]))
}

t.test('every problem is told at once', async t => {
  const scopes = { a: ['GET api', 'POST /o/token/', 'GET /b/', 'GET /b/'] }
  t.equal(problemsOf({ scopes, grants: { default: ['x', 'y'] } }).length, 5)
})

t.test('a policy without scopes opens nothing', async t => {
  const policy = aPolicy({ scopes: {}, grants: { default: [] } })
  t.equal(policy.routeTable.find('GET', '/api/orders/a/'), undefined)
})

t.test('a session may use what the policy grants, less what narrows it', async t => {
  const policy = aPolicy({ ...document, grants: { default: ['orders'] } })
  t.same(grantedScopes(policy, aSession()), ['orders'])
  t.equal(grants(policy, aSession(), 'payments'), false)
  t.same(grantedScopes(policy, aSession({ narrowedTo: new Set(['orders', 'payments']) })), ['orders'])
  t.same(grantedScopes(policy, aSession({ narrowedTo: new Set(['payments']) })), [])
  t.same(grantedScopes(policy, aSession({ narrowedTo: new Set() })), [])
})

t.test('a session of a use case may use what that use case is granted, and not the default', async t => {
  const policy = aPolicy({ ...document, grants: { default: ['orders'], useCases: { balance: ['payments'] } } })
  const issuedFor = (useCase: string | undefined) =>
    aSession({
      provenance: { recordedAt: 0, useCase, scopes: undefined, merchantAccount: undefined, parent: undefined },
    })
  t.same(grantedScopes(policy, issuedFor('balance')), ['payments'])
  t.same(grantedScopes(policy, issuedFor(undefined)), ['orders'])
})

t.test('the shipped policy opens 18 routes in four scopes, and grants them all by default', async t => {
  const policy = defaultPolicy()
  t.equal(policy.routes.length, 18)
  t.same(policy.scopes, ['payment_methods', 'payments', 'orders', 'balance_sessions'])
  t.same(grantedScopes(policy, aSession()), policy.scopes)
})

t.test(
  'the shipped strict policy is valid and opens nothing that the default one does not, but one refund',
  async t => {
    const strict = compilePolicy(parse(readFileSync('config/policy.strict.yaml', 'utf8')) as PolicyDocument) as Policy
    const open = new Set(defaultPolicy().routes.map(({ method, template }) => `${method} ${template}`))
    const more = strict.routes.map(({ method, template }) => `${method} ${template}`).filter(route => !open.has(route))
    t.same(more, ['GET /api/payments/{ref}/refunds/{refund_ref}/'])
  },
)

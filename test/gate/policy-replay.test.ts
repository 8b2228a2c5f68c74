import t from 'tap'
import {
  effectOf,
  type Foresight,
  foresee,
  type LoggedRequest,
  type ReplayEffect,
} from '../../src/gate/policy-replay.ts'
import { aPolicy } from '../fixtures/config.ts'

const policy = aPolicy({
  scopes: {
    orders: ['GET /api/orders/{ref}/'],
    payments: ['POST /api/payments/', 'GET /api/payments/open/'],
    long: [`GET /api/long/${'a'.repeat(65)}/`],
  },
  grants: { default: ['orders', 'payments'], useCases: { look: ['orders'] } },
})

/** An order that was read; override one part per test. */
function aLine(overrides: Partial<LoggedRequest> = {}): LoggedRequest {
  return {
    method: 'GET',
    template: '/api/orders/{id}/',
    reason: undefined,
    scope: 'orders',
    useCase: undefined,
    lackedScope: false,
    ...overrides,
  }
}

const deny = (reason: 'scope_insufficient' | 'route_not_allowed' | 'token_expired' | 'rate_limited') =>
  ({ outcome: 'deny', reason }) as const
const rows: readonly (readonly [what: string, line: Partial<LoggedRequest>, now: Foresight, effect: ReplayEffect])[] = [
  ['on the same route, its parameter renamed', {}, { outcome: 'allow' }, 'same'],
  ['of a use case that is still granted the scope', { useCase: 'look' }, { outcome: 'allow' }, 'same'],
  ['of a use case that the policy does not list', { useCase: 'other' }, { outcome: 'allow' }, 'same'],
  ['whose route is gone', { template: '/api/orders/{ref}/payments/' }, deny('route_not_allowed'), 'refused'],
  ['by a method that is gone', { method: 'PATCH' }, deny('route_not_allowed'), 'refused'],
  [
    'of a use case without the scope',
    { method: 'POST', template: '/api/payments/', scope: 'payments', useCase: 'look' },
    deny('scope_insufficient'),
    'refused',
  ],
  [
    'whose route has moved to another scope',
    { scope: 'reading' },
    { outcome: 'allow_unless_narrowed' },
    'perhaps_refused',
  ],
  [
    'whose lack of scope was only reported',
    { lackedScope: true },
    { outcome: 'allow_unless_narrowed' },
    'perhaps_refused',
  ],
  [
    'of which only some paths are left',
    { template: '/api/payments/{ref}/', scope: 'payments' },
    { outcome: 'path_decides' },
    'perhaps_refused',
  ],
  [
    'of which no path is left, as the literal is too long',
    { template: '/api/long/{ref}/' },
    deny('route_not_allowed'),
    'refused',
  ],
  ['without a template', { template: undefined }, { outcome: 'not_understood' }, 'unknown'],
  ['with a template that is none', { template: '/session_token' }, { outcome: 'not_understood' }, 'unknown'],
]
for (const [what, line, now, effect] of rows) {
  t.test(`a request that was let in ${what}: ${now.outcome}, ${effect}`, async t => {
    t.same(foresee(policy, aLine(line)), now)
    t.equal(effectOf(true, now), effect)
  })
}

const refusals: readonly (readonly [
  what: string,
  line: Partial<LoggedRequest>,
  now: Foresight,
  effect: ReplayEffect,
])[] = [
  ['for lack of scope', { reason: 'scope_insufficient' }, { outcome: 'allow_unless_narrowed' }, 'perhaps_allowed'],
  [
    'for lack of scope that its use case still has not',
    { reason: 'scope_insufficient', method: 'POST', template: '/api/payments/', useCase: 'look' },
    deny('scope_insufficient'),
    'same',
  ],
  [
    'for lack of scope on a route of which some paths are left',
    { reason: 'scope_insufficient', template: '/api/payments/{ref}/' },
    { outcome: 'path_decides' },
    'perhaps_allowed',
  ],
  ['for its token', { reason: 'token_expired' }, deny('token_expired'), 'same'],
  [
    'for its token, of a use case without the scope',
    { reason: 'token_expired', method: 'POST', template: '/api/payments/', useCase: 'look' },
    deny('token_expired'),
    'same',
  ],
  [
    'for its token, on a route that is gone',
    { reason: 'token_expired', method: 'PUT' },
    deny('route_not_allowed'),
    'same',
  ],
  [
    'for its token, on a route of which some paths are left',
    { reason: 'token_expired', template: '/api/payments/{ref}/' },
    deny('token_expired'),
    'same',
  ],
  ['for its rate', { reason: 'rate_limited' }, deny('rate_limited'), 'same'],
  ['before a route was looked for', { reason: 'token_expired', template: undefined }, deny('token_expired'), 'same'],
  ['for want of a route', { reason: 'route_not_allowed', template: undefined }, { outcome: 'no_route' }, 'unknown'],
]
for (const [what, line, now, effect] of refusals) {
  t.test(`a request that was refused ${what}: ${now.outcome}, ${effect}`, async t => {
    t.same(foresee(policy, aLine(line)), now)
    t.equal(effectOf(false, now), effect)
  })
}

import t from 'tap'
import { noClientLimits } from '../../src/gate/client-limits.ts'
import { createGate, type Gate, type GateOptions, maxTargetLength } from '../../src/gate/decide.ts'
import type { Decision, Denied } from '../../src/gate/decision.ts'
import type { Reason } from '../../src/gate/reasons.ts'
import { withReported } from '../../src/gate/reported-routes.ts'
import type { Verdict } from '../../src/session/session.ts'
import { defaultPolicy } from '../fixtures/config.ts'
import { aGate, aHead, aSession } from '../fixtures/gate.ts'
import { verdictCases, verdictConfig, verdictNow } from '../fixtures/verdict-cases.ts'

t.test('the table of verdicts', async t => {
  const gate = await aGate(() => verdictNow, { ...verdictConfig })
  for (const { name, method, target, fields, outcome, reason, route } of verdictCases(verdictNow)) {
    const decision = await gate.decide(aHead({ method, target, fields: fields.flat() }))
    const taken = 'route' in decision ? decision.route : undefined
    t.same(
      {
        outcome: decision.outcome,
        reason: decision.outcome === 'deny' ? decision.reason : undefined,
        ...(route !== undefined && { route: taken && `${taken.method} ${taken.template}` }),
      },
      { outcome, reason, ...(route !== undefined && { route }) },
      name,
    )
  }
})

t.test('the table holds each case once and is as large as it has to be', async t => {
  const names = verdictCases(verdictNow).map(({ name }) => name)
  t.equal(new Set(names).size, names.length)
  t.ok(names.length >= 110, `${names.length} cases`)
})

/** Reasons that the gate itself cannot give, or not without state beyond the table's gate. */
const notInTable: readonly Reason[] = [
  'token_unknown',
  'token_revoked',
  'token_rejected_upstream',
  'rate_limited',
  'budget_exhausted',
  'upstream_unreachable',
  'upstream_reset',
  'upstream_invalid',
  'upstream_timeout',
  'draining',
  'overloaded',
  'internal_fault',
  'caller_not_accepted',
  'use_case_unknown',
  'body_invalid',
  'upstream_credentials_refused',
]

t.test('every reason is in the table or is none that the gate gives', async t => {
  const { denials } = await import('../../src/gate/reasons.ts')
  const inTable = new Set(verdictCases(verdictNow).map(({ reason }) => reason))
  const uncovered = Object.keys(denials).filter(reason => !inTable.has(reason as Reason))
  t.same(uncovered.sort(), [...notInTable].sort())
})

function gateWith(verify: () => Verdict | Promise<Verdict>, overrides: Partial<GateOptions> = {}): Gate {
  return createGate({
    policy: defaultPolicy(),
    sessions: { verify, isKnown: () => false },
    merchantAccounts: [],
    cors: { origins: [] },
    maxBodyBytes: 1000,
    maxHeaderBytes: 16_384,
    now: () => verdictNow,
    ...overrides,
  })
}

t.test('a decision is made at once when the verifier knows the token', async t => {
  const session = aSession()
  const decision = gateWith(() => session).decide(aHead())
  t.notOk(decision instanceof Promise)
  t.match(decision, { outcome: 'allow', session })
})

t.test('a refusal that needs no verifier is made at once', async t => {
  const decision = gateWith(() => t.fail('must not be asked') as never).decide(aHead({ target: '/nowhere/' }))
  t.match(decision, { outcome: 'deny', reason: 'route_not_allowed' })
})

t.test('the verifier gets the token text and the time of the injected clock', async t => {
  const asked: unknown[] = []
  const sessions = {
    verify: (...args: unknown[]) => {
      asked.push(args.slice(0, 2))
      return aSession()
    },
    isKnown: () => false,
  }
  await gateWith(() => aSession(), { sessions, now: () => 17.5 }).decide(aHead())
  t.same(asked, [['sandbox_a.b.c', 17.5]])
})

t.test('a fault of the verifier is a fault of the decision, never an allowance', async t => {
  const fault = new Error('no key')
  await t.rejects(Promise.resolve(gateWith(() => Promise.reject(fault)).decide(aHead())), fault)
  t.throws(() => {
    void gateWith(() => {
      throw fault
    }).decide(aHead())
  }, fault)
})

t.test('a denial for the scope tells the session and the route, one for the token only the route', async t => {
  const session = aSession({ narrowedTo: new Set(['payments']) })
  const scope = (await gateWith(() => session).decide(aHead())) as Denied
  t.equal(scope.reason, 'scope_insufficient')
  t.equal(scope.session, session)
  t.equal(scope.route?.template, '/api/orders/{ref}/')
  const token = (await gateWith(() => ({ reason: 'token_expired' })).decide(aHead())) as Denied
  t.equal(token.session, undefined)
  t.equal(token.route?.scope, 'orders')
})

t.test('a request without Merchant-Account passes a pinned gateway', async t => {
  const gate = gateWith(() => aSession(), { merchantAccounts: [['123ab45c67']] })
  t.match(await gate.decide(aHead()), { outcome: 'allow' })
})

const bodies: readonly (readonly [announced: string, maxBodyBytes: number | null, outcome: string])[] = [
  ['1000', 1000, 'allow'],
  ['1001', 1000, 'deny'],
  ['0', 0, 'allow'],
  ['1', 0, 'deny'],
  ['999999999999999', null, 'allow'],
]
for (const [announced, maxBodyBytes, outcome] of bodies) {
  t.test(`${announced} announced octets with a limit of ${maxBodyBytes}: ${outcome}`, async t => {
    const head = aHead({ fields: [...aHead().fields, 'Content-Length', announced] })
    t.match(await gateWith(() => aSession(), { maxBodyBytes }).decide(head), { outcome })
  })
}

t.test('the scope is refused before the merchant account, and that before the body', async t => {
  const fields = [...aHead().fields, 'Merchant-Account', 'other', 'Content-Length', '1001']
  const narrowed = aSession({ narrowedTo: new Set() })
  const pinned = { merchantAccounts: [['123ab45c67']] }
  t.match(await gateWith(() => narrowed, pinned).decide(aHead({ fields })), { reason: 'scope_insufficient' })
  t.match(await gateWith(() => aSession(), pinned).decide(aHead({ fields })), {
    reason: 'merchant_account_not_allowed',
  })
  t.match(await gateWith(() => aSession()).decide(aHead({ fields })), { reason: 'body_too_large' })
})

t.test('what counts first is told first: target length, field size, upgrade, method, fields', async t => {
  const gate = gateWith(() => aSession(), { maxHeaderBytes: 100 })
  const target = `/${'a'.repeat(maxTargetLength)}`
  const fields = ['X_Bad', 'a'.repeat(100)]
  t.match(gate.decide(aHead({ method: 'TRACE', target, fields })), { reason: 'target_too_long' })
  t.match(gate.decide(aHead({ method: 'TRACE', fields })), { reason: 'fields_too_large' })
  t.match(gate.decide(aHead({ method: 'TRACE', fields: ['X_Bad', ''] })), { reason: 'upgrade_not_supported' })
  t.match(gate.decide(aHead({ method: 'G T', fields: ['X_Bad', ''] })), { reason: 'method_invalid' })
  t.match(gate.decide(aHead({ fields: ['X_Bad', ''] })), { reason: 'field_invalid' })
})

t.test('an allowed request is told which fields stop and which are set', async t => {
  const fields = [
    ...['Host', 'shop.example:8443', 'Authorization', 'Bearer sandbox_a.b.c', 'Cookie', 'theme=dark'],
    ...['Connection', 'close, X-Note', 'X-Forwarded-For', '10.0.0.1', 'X-Note', 'a', 'tracestate', 'a=b'],
  ]
  const decision = await gateWith(() => aSession()).decide(aHead({ fields }))
  t.match(decision, {
    outcome: 'allow',
    removeFields: ['host', 'cookie', 'connection', 'x-note', 'x-forwarded-for', 'tracestate'],
    setFields: [
      ...['X-Forwarded-For', '192.0.2.7', 'X-Forwarded-Proto', 'https', 'X-Forwarded-Host', 'shop.example:8443'],
      ...['X-Request-Id', 'request-1', 'traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'],
    ],
  })
})

t.test('a valid traceparent is continued, and its tracestate travels on', async t => {
  const traceparent = '00-11111111111111111111111111111111-2222222222222222-01'
  const fields = [...aHead().fields, 'Traceparent', traceparent, 'tracestate', 'a=b']
  const decision = (await gateWith(() => aSession()).decide(aHead({ fields }))) as Decision & { outcome: 'allow' }
  t.equal(decision.traceId, '11111111111111111111111111111111')
  t.same(decision.removeFields, ['host', 'traceparent'])
  t.equal(decision.setFields.at(-1), '00-11111111111111111111111111111111-b7ad6b7169203331-01')
})

const listed = { cors: { origins: ['https://shop.example'] } }
const preflight = ['Host', 'h', 'Origin', 'https://shop.example', 'Access-Control-Request-Method', 'PATCH']

t.test('a preflight of a listed origin is answered before its target or credentials are looked at', async t => {
  const decision = await gateWith(() => aSession(), listed).decide(
    aHead({ method: 'OPTIONS', target: '*', fields: preflight }),
  )
  t.equal(decision.outcome, 'preflight')
  t.same(decision.responseFields.slice(0, 4), [
    'Access-Control-Allow-Origin',
    'https://shop.example',
    'Access-Control-Allow-Methods',
    'POST, GET, PATCH',
  ])
})

t.test('a preflight that is no valid message is refused, not answered', async t => {
  const fields = [...preflight, 'X_Note', 'a']
  t.match(await gateWith(() => aSession(), listed).decide(aHead({ method: 'OPTIONS', fields })), {
    outcome: 'deny',
    reason: 'field_invalid',
  })
})

t.test('a refusal of a listed origin carries the fields that let its page read it', async t => {
  const fields = ['Host', 'h', 'Origin', 'https://shop.example']
  const decision = await gateWith(() => aSession(), listed).decide(aHead({ fields }))
  t.match(decision, { reason: 'credentials_missing' })
  t.same(decision.responseFields.slice(0, 2), ['Access-Control-Allow-Origin', 'https://shop.example'])
})

for (const [account, outcome] of [
  ['123ab45c67', 'allow'],
  ['mid/123ab45c67', 'allow'],
  ['999zz99z99', 'deny'],
  ['', 'deny'],
  [undefined, 'allow'],
] as const) {
  t.test(`a session issued for one merchant and Merchant-Account ${JSON.stringify(account)}: ${outcome}`, async t => {
    const none = { recordedAt: 0, useCase: undefined, scopes: undefined, parent: undefined }
    const session = aSession({ provenance: { ...none, merchantAccount: '123ab45c67' } })
    const fields = account === undefined ? aHead().fields : [...aHead().fields, 'Merchant-Account', account]
    t.match(await gateWith(() => session).decide(aHead({ fields })), { outcome })
  })
}

/** Every route of the policy is reported. */
function reporting(): GateOptions['policy'] {
  return withReported(defaultPolicy(), { mode: 'report', scopes: [], routes: [] })
}

t.test('where a policy is reported, the table of verdicts stays as it is but for denials of scope', async t => {
  const options = { ...verdictConfig, policy: reporting() }
  const gate = await aGate(() => verdictNow, options)
  let reported = 0
  for (const { name, method, target, fields, outcome, reason } of verdictCases(verdictNow)) {
    const decision = await gate.decide(aHead({ method, target, fields: fields.flat() }))
    const isScope = reason === 'scope_insufficient'
    if (isScope) reported++
    t.same(
      [
        decision.outcome,
        'reason' in decision ? decision.reason : undefined,
        'wouldDeny' in decision && decision.wouldDeny,
      ],
      isScope ? ['allow', undefined, reason] : [outcome, reason, outcome === 'allow' ? undefined : false],
      name,
    )
  }
  t.ok(reported >= 3, `${reported} of them`)
})

const narrowed = aSession({ narrowedTo: new Set(['payments']) })
const orders = { mode: 'enforce', scopes: ['orders'], routes: [] } as const

for (const [what, head, options, expected] of [
  ['a reported scope', {}, {}, { outcome: 'allow', wouldDeny: 'scope_insufficient', session: narrowed }],
  [
    'a scope that is not',
    { target: '/api/balance_sessions/a/' },
    {},
    { outcome: 'deny', reason: 'scope_insufficient' },
  ],
  ['a scope that the session has', { target: '/api/payments/' }, {}, { outcome: 'allow', wouldDeny: undefined }],
  ['no route', { target: '/api/sessions/' }, {}, { outcome: 'deny', reason: 'route_not_allowed' }],
  [
    'another merchant on a reported scope',
    { fields: [...aHead().fields, 'Merchant-Account', '999zz99z99'] },
    { merchantAccounts: [['123ab45c67']] },
    { outcome: 'deny', reason: 'merchant_account_not_allowed' },
  ],
  [
    'too large a body on a reported scope',
    { fields: [...aHead().fields, 'Content-Length', '1001'] },
    {},
    { outcome: 'deny', reason: 'body_too_large' },
  ],
  [
    'too many requests to a reported scope',
    {},
    { limits: { ...noClientLimits, admit: () => 7 } },
    { outcome: 'deny', reason: 'rate_limited', retryAfterSec: 7 },
  ],
] as const) {
  t.test(`a session narrowed to payments that asks for ${what}: ${expected.outcome}`, async t => {
    const policy = withReported(defaultPolicy(), orders)
    const gate = gateWith(() => narrowed, { policy, ...options })
    t.match(await gate.decide(aHead(head)), expected)
  })
}

t.test('the head is not changed by a decision', async t => {
  const head = aHead({ fields: Object.freeze([...aHead().fields, 'Connection', 'x-note']) })
  Object.freeze(head)
  t.match(await gateWith(() => aSession()).decide(head), { outcome: 'allow' })
})

import t, { type Test } from 'tap'
import type { Config } from '../../src/config/config.ts'
import { headOf } from '../../src/explaining/asked-request.ts'
import { type Explanation, explain } from '../../src/explaining/explanation.ts'
import { noClientLimits } from '../../src/gate/client-limits.ts'
import { createGate, type GateOptions } from '../../src/gate/decide.ts'
import type { PolicyDocument } from '../../src/gate/policy.ts'
import { checks, denials, type Reason } from '../../src/gate/reasons.ts'
import { withReported } from '../../src/gate/reported-routes.ts'
import type { Session, TokenReason } from '../../src/session/session.ts'
import { aConfig, aPolicy, aSessionConfig, defaultPolicy } from '../fixtures/config.ts'
import { aGate, aHead, aSession } from '../fixtures/gate.ts'
import { aToken } from '../fixtures/token.ts'
import { verdictNow as now, verdictCases, verdictConfig } from '../fixtures/verdict-cases.ts'

const config = aConfig('http://127.0.0.1:1', verdictConfig)
const notJudged = ['the phase of the moon']

/** What the steps of an explanation say, from the first to the last that was made. */
function pathOf({ steps }: Explanation): readonly string[] {
  return steps.filter(({ result }) => result !== 'not_reached').map(({ check, result }) => `${check} ${result}`)
}

t.test('on every row of the table of verdicts the explanation says what the gate says', async t => {
  const gate = await aGate(() => now, { ...verdictConfig })
  for (const { name, method, target, fields, outcome, reason = null, route } of verdictCases(now)) {
    const head = aHead({ method, target, fields: fields.flat() })
    const explained = explain(head, await gate.decide(head), { config, now, notJudged })
    const { status, code, check } = reason ? denials[reason] : { status: null, code: null, check: 'forward' }
    t.match(explained, { verdict: outcome, reason, status, code, wouldDeny: null }, name)
    if (route !== undefined) t.equal(explained.route, route, name)
    t.same(
      explained.steps.map(step => step.check),
      checks,
    )
    const [last = '', ...before] = pathOf(explained).toReversed()
    t.equal(last, reason ? `${check} refused` : 'limits passed', name)
    t.ok(
      before.every(step => step.endsWith(' passed')),
      name,
    )
    t.equal(explained.remedies.length > 0, reason !== null, `${name}: something would change it, or nothing has to`)
    const limits = outcome === 'allow' ? ['how much of its limits the client has used'] : []
    t.same(explained.notJudged, [...(explained.route === null ? [] : notJudged), ...limits])
    if (reason) t.match(explained.steps.find(step => step.check === check)?.note, `${reason}: `)
  }
})

t.test('no explanation of the table repeats a token, a path, a query or a field', async t => {
  const gate = await aGate(() => now, { ...verdictConfig })
  let words = 0
  for (const { name, method, target, fields } of verdictCases(now)) {
    const head = aHead({ method, target, fields: fields.flat() })
    const text = JSON.stringify(explain(head, await gate.decide(head), { config, now, notJudged }))
    for (const part of [target, ...fields.map(([, value]) => value)].flatMap(whole => whole.split(/[ /?&=;,]/))) {
      if (part.length < 10 || !/\d/.test(part)) continue
      words++
      if (text.includes(part)) t.fail(`${name}: ${part}`)
    }
  }
  t.ok(words > 200, `${words} words are looked for`)
})

const policy: PolicyDocument = {
  scopes: { orders: ['GET /api/orders/{ref}/'], payments: ['GET /api/payments/'], extras: ['GET /api/extras/'] },
  grants: {
    default: ['payments'],
    useCases: { balance: ['orders'], checkout: ['orders', 'payments'] },
    claim: 'scope',
  },
}
const none = { recordedAt: 0, scopes: undefined, merchantAccount: undefined, parent: undefined }
const record = (more: object) => ({ provenance: { ...none, useCase: undefined, ...more } })

interface Asked {
  readonly target?: string
  readonly method?: string
  readonly fields?: readonly string[]
  readonly session?: Partial<Session>
  readonly refusedAs?: TokenReason
  readonly gate?: Partial<GateOptions>
  readonly config?: Partial<Config>
}

/** Explains with the real gate over a verifier that says what a test wants. */
async function explained(asked: Asked): Promise<Explanation> {
  const all = { ...config, policy: aPolicy(policy), merchantAccounts: [], ...asked.config }
  const verdict = asked.refusedAs ? { reason: asked.refusedAs } : aSession({ expiresAt: now + 600, ...asked.session })
  const gate = createGate({
    ...all,
    ...all.limits,
    sessions: { verify: () => verdict, isKnown: () => false },
    cors: { origins: ['https://shop.example'] },
    now: () => now,
    limits: noClientLimits,
    ...asked.gate,
  })
  const { method = 'GET', target = '/api/orders/a/', fields = ['Authorization', 'Bearer sandbox_a.b.c'] } = asked
  const head = headOf({ method, target, fields }, aHead().ids)
  return explain(head, await gate.decide(head), { config: all, now, notJudged })
}

function noteAt({ steps }: Explanation, check: string): string | null | undefined {
  return steps.find(step => step.check === check)?.note
}

for (const [what, session, note, ...remedies] of [
  [
    'without a use case',
    {},
    'granted by default: payments',
    'grant orders to every session without a use case: grants.default in the policy file',
    'or have the token on record for a use case that has it: balance, checkout',
  ],
  [
    'of a use case that has the scope, narrowed by its claim',
    { ...record({ useCase: 'balance' }), narrowedTo: new Set(['payments']) },
    'granted for use case balance: nothing; narrowed by its claim "scope"',
    'a token whose claim "scope" names orders, or that has no such claim',
  ],
  [
    'of a use case that has the scope, narrowed when it was registered',
    { ...record({ useCase: 'checkout', scopes: ['payments'] }), narrowedTo: new Set(['payments']) },
    'granted for use case checkout: payments; narrowed by what was registered with it',
    'register a new token with orders among its scopes, or without scopes',
  ],
  [
    'narrowed by its claim to less than it was registered with',
    { ...record({ useCase: 'checkout', scopes: ['orders', 'payments'] }), narrowedTo: new Set(['payments']) },
    'granted for use case checkout: payments; narrowed by its claim "scope" and what was registered with it',
    'a token whose claim "scope" names orders, or that has no such claim',
  ],
  [
    'of a use case that the policy does not list',
    record({ useCase: 'other' }),
    'granted by default: payments; use case other has no grant of its own',
    'grant orders to every session without a use case: grants.default in the policy file',
    'or have the token on record for a use case that has it: balance, checkout',
  ],
] as const) {
  t.test(`a session ${what}: what it has, and what would give it the scope`, async t => {
    const explanation = await explained({ session })
    t.match(explanation, { reason: 'scope_insufficient', route: 'GET /api/orders/{ref}/', scope: 'orders', remedies })
    t.equal(explanation.remedies.length, remedies.length)
    t.equal(noteAt(explanation, 'scope')?.split('; ').slice(1).join('; '), note)
  })
}

t.test('a scope that no use case has is granted in one place', async t => {
  const { remedies } = await explained({ target: '/api/extras/', session: record({ useCase: 'balance' }) })
  t.same(remedies, ['grant extras to use case balance: grants.useCases in the policy file'])
})

t.test('a denial that is reported is explained as let through, with what to do before it is enforced', async t => {
  const reported = withReported(aPolicy(policy), { mode: 'enforce', scopes: ['orders'], routes: [] })
  const explanation = await explained({ config: { policy: reported } })
  t.match(explanation, { verdict: 'allow', reason: null, status: null, wouldDeny: 'scope_insufficient' })
  t.same(pathOf(explanation).slice(-3), ['scope reported', 'merchant passed', 'limits passed'])
  t.match(
    noteAt(explanation, 'scope'),
    /^scope_insufficient: .*; reported, and let through; granted by default: payments$/,
  )
  t.match(explanation.remedies[0], 'grant orders')
})

async function expectRemedies(t: Test, asked: Asked, reason: Reason, remedies: readonly (string | RegExp)[]) {
  const explanation = await explained(asked)
  t.equal(explanation.reason, reason)
  t.match(explanation.remedies, remedies)
  t.equal(explanation.remedies.length, remedies.length)
  return explanation
}

for (const [what, asked, reason, ...remedies] of [
  [
    'a route that is never opened',
    { method: 'POST', target: '/api/sessions/' },
    'route_not_allowed',
    /^nothing: .*\/api\/sessions\//,
  ],
  [
    'a method in lower case',
    { method: 'get' },
    'route_not_allowed',
    'ask for GET /api/orders/{ref}/',
    /^list its method and path/,
  ],
  ['a path that is like no other', { target: '/elsewhere/' }, 'route_not_allowed', /^list its method and path/],
  [
    'a preflight of another origin',
    { method: 'OPTIONS', fields: ['Origin', 'https://a.example', 'Access-Control-Request-Method', 'GET'] },
    'credentials_missing',
    /Bearer <session token>/,
    /cors\.origins/,
  ],
  ['the other environment', { refusedAs: 'environment_mismatch' }, 'environment_mismatch', /"sandbox_"/],
  ['a format without a key', { refusedAs: 'format_not_accepted' }, 'format_not_accepted', /with a key for it$/],
  [
    'a format that is not listed',
    { refusedAs: 'format_not_accepted', config: { session: aSessionConfig({ verify: 'ledger' }) } },
    'format_not_accepted',
    /session\.formats$/,
  ],
  [
    'an algorithm that nobody verifies',
    { refusedAs: 'algorithm_not_allowed', config: { session: aSessionConfig({ verify: 'ledger' }) } },
    'algorithm_not_allowed',
    /"none" is never let in/,
  ],
  ['a token of nobody', { refusedAs: 'token_unknown' }, 'token_unknown', /POST \/tokens/],
  ['a revoked token', { refusedAs: 'token_revoked' }, 'token_revoked', /new session/],
  ['a token that Forage refused', { refusedAs: 'token_rejected_upstream' }, 'token_rejected_upstream', /Forage/],
  ['keys that cannot be had', { refusedAs: 'overloaded' }, 'overloaded', /ask again later/],
  [
    'a client that is over its limit',
    { target: '/api/payments/', gate: { limits: { ...noClientLimits, admit: () => 9 } } },
    'rate_limited',
    /limit/,
  ],
  [
    'the merchant of another session',
    {
      target: '/api/payments/',
      fields: ['Authorization', 'Bearer sandbox_a.b.c', 'Merchant-Account', 'm1'],
      session: record({ merchantAccount: 'm2' }),
    },
    'merchant_account_not_allowed',
    /registered or issued for/,
  ],
] as const satisfies readonly (readonly [string, Asked, Reason, ...(string | RegExp)[]])[]) {
  t.test(`${what}: ${reason}, and what would change that`, async t => {
    await expectRemedies(t, asked, reason, remedies)
  })
}

t.test('a request for a session token names what it passed, and nothing that it never had', async t => {
  const rules = { gate: { issuing: { merchantAccount: 'm1' } } }
  const asked = { method: 'POST', target: '/session_token', fields: ['Authorization', 'Bearer a-key'], ...rules }
  const issue = await explained(asked)
  t.match(issue, { verdict: 'issue', reason: null, status: null, token: null, session: null, remedies: [] })
  t.same(pathOf(issue).at(-1), 'target answered')
  const fields = [...asked.fields, 'Merchant-Account', 'm2']
  const denied = await expectRemedies(t, { ...asked, fields }, 'merchant_account_not_allowed', [
    /issuing\.merchantAccount/,
  ])
  t.same(pathOf(denied).slice(-2), ['target passed', 'merchant refused'])
})

t.test('a preflight is answered before any credentials', async t => {
  const fields = ['Origin', 'https://shop.example', 'Access-Control-Request-Method', 'GET']
  const explanation = await explained({ method: 'OPTIONS', fields })
  t.match(explanation, { verdict: 'preflight', status: 204, code: null })
  t.same(pathOf(explanation), ['protocol passed', 'preflight answered'])
})

t.test('a token is told by its kind, format and times, also where it is refused', async t => {
  const gate = await aGate(() => now)
  const ask = async (token: string) => {
    const head = headOf({ method: 'GET', target: '/api/orders/a/', token, fields: [] }, aHead().ids)
    return explain(head, await gate.decide(head), { config: { ...config, policy: defaultPolicy() }, now, notJudged })
  }
  const expired = await ask(aToken({ claims: { a: 1, iat: now - 900, exp: now - 300 } }))
  t.same(expired.token, {
    kind: 'session',
    environment: 'sandbox',
    format: 'jwt',
    issuedAt: now - 900,
    expiresAt: now - 300,
  })
  t.match(
    noteAt(expired, 'token'),
    /^token_expired: .*; jwt of sandbox, expired 2027-01-15T07:55:00Z \(5 minutes ago\)$/,
  )
  const live = await ask(aToken({ claims: { a: 1, exp: now + 600 } }))
  t.equal(noteAt(live, 'token'), 'jwt, expires 2027-01-15T08:10:00Z (in 10 minutes)')
  t.match(noteAt(await ask('prod_a.b.c'), 'token'), /; session token of prod$/)
  t.match(noteAt(await ask('nothing'), 'token'), /; no token of Forage$/)
  t.match(await ask('sandbox_abc'), {
    reason: 'authentication_token',
    token: { kind: 'authentication', expiresAt: null },
  })
})

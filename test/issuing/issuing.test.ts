import { createHash } from 'node:crypto'
import t from 'tap'
import type { ForageClient } from '../../src/forage/forage-client.ts'
import { startIssuing } from '../fixtures/issuing.ts'
import { startOfTime } from '../fixtures/simulator-client.ts'

/** Holds back the answer of Forage to a session token, once, and shows it. */
function createAnswerGate() {
  let show: ((token: string) => void) | undefined
  let open = () => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  return {
    open: () => open(),
    next: () => new Promise<string>(resolve => (show = resolve)),
    around:
      (client: Pick<ForageClient, 'createSessionToken'>): ForageClient['createSessionToken'] =>
      async request => {
        const outcome = await client.createSessionToken(request)
        if (!show) return outcome
        show('token' in outcome ? outcome.token : '')
        show = undefined
        await opened
        return outcome
      },
  }
}

const pathsOf = ({ executions }: { executions: readonly { path: string }[] }) => executions.map(({ path }) => path)

t.test('a session token is obtained, put on record with where it comes from, and let in', async t => {
  const { issuer, sessions, simulator, issued, verdicts, clock } = await startIssuing(t)
  const outcome = await issuer.issue('balance', 'a-hash')
  t.match(outcome, { token: /^sandbox_/, expiresAt: startOfTime + 900, useCase: 'balance' })
  const { token } = outcome as { token: string }
  t.same(await verdicts(token), ['let in', 200])
  t.match(await sessions.verifier.verify(token, clock.now), {
    provenance: {
      useCase: 'balance',
      merchantAccount: simulator.merchantAccount,
      customer: 'a-hash',
      isIssuedHere: true,
      parent: /^[\w-]{43}$/,
    },
  })
  t.same(issued, [{ useCase: 'balance', customer: 'a-hash', expiresAt: startOfTime + 900 }])
})

t.test(
  'who names no use case gets the first one; one that does not exist is refused without asking Forage',
  async t => {
    const { issuer, simulator } = await startIssuing(t)
    for (const useCase of ['refunds', '', 'constructor', '__proto__', 'CHECKOUT'])
      t.same(await issuer.issue(useCase, undefined), { reason: 'use_case_unknown' })
    t.equal(simulator.requestCount, 0)
    t.match(await issuer.issue(undefined, undefined), { useCase: 'checkout' })
  },
)

t.test('a thousand callers at once fetch one authentication token, and each gets a session of its own', async t => {
  const { issuer, simulator, tokens } = await startIssuing(t, { timeoutMs: 60_000 })
  const outcomes = await Promise.all(Array.from({ length: 1000 }, () => issuer.issue('checkout', undefined)))
  t.equal(new Set(outcomes.map(outcome => ('token' in outcome ? outcome.token : ''))).size, 1000)
  t.equal(pathsOf(simulator).filter(path => path === '/o/token/').length, 1)
  t.equal(pathsOf(simulator).filter(path => path === '/api/session_token/').length, 1000)
  t.same(await tokens(), { live: 1, most: 1, issued: 1 })
})

t.test('each use case has an authentication token of its own, obtained at the start', async t => {
  const { issuer, told, tokens, events } = await startIssuing(t)
  issuer.start()
  await told('token_obtained', 2)
  t.same(await tokens(), { live: 2, most: 2, issued: 2 })
  t.same(events.map(event => event.useCase).sort(), ['balance', 'checkout'])
})

t.test('more than may be under way at a time are refused at once, and fewer are served again', async t => {
  const { issuer } = await startIssuing(t, { maxInFlight: 2 })
  const outcomes = await Promise.all([1, 2, 3].map(() => issuer.issue(undefined, undefined)))
  t.match(outcomes, [{ token: /./ }, { token: /./ }, { reason: 'overloaded', retryAfterSec: 1 }])
  t.match(await issuer.issue(undefined, undefined), { token: /./ })
})

const faults: readonly (readonly [what: string, status: number, reason: string])[] = [
  ['a page of its load balancer', 502, 'upstream_invalid'],
  ['503', 503, 'upstream_invalid'],
  ['401', 401, 'upstream_credentials_refused'],
  ['403', 403, 'upstream_credentials_refused'],
  ['a success without a token', 200, 'upstream_invalid'],
]
for (const [what, status, reason] of faults) {
  t.test(`Forage answers a session token with ${what}: ${reason}, and the next one is issued`, async t => {
    const { issuer, issue, simulator, eventsOf } = await startIssuing(t)
    await issue()
    simulator.faults.failNext = { status, html: true, count: 1 }
    t.same(await issuer.issue(undefined, undefined), { reason })
    t.match(eventsOf('session_not_issued'), [{ useCase: 'checkout', fault: { status } }])
    t.match(await issuer.issue(undefined, undefined), { token: /./ })
  })
}

t.test('a merchant account that is not the client’s is told apart from its id and secret', async t => {
  const { issuer, eventsOf, tokens } = await startIssuing(t, { settings: { merchantAccount: 'ffffffffff' } })
  t.same(await issuer.issue(undefined, undefined), { reason: 'upstream_credentials_refused' })
  t.match(eventsOf('session_not_issued'), [
    { fault: { fault: 'merchant_refused', status: 403, upstreamCode: 'forbidden', mayHaveTakenEffect: false } },
  ])
  t.same(await tokens(), { live: 1, most: 1, issued: 1 }, 'the authentication token is good, and is kept')
})

t.test('Forage answers too late', async t => {
  const { issuer, issue, simulator } = await startIssuing(t, { timeoutMs: 300 })
  await issue()
  simulator.faults.hang = 1
  t.same(await issuer.issue(undefined, undefined), { reason: 'upstream_timeout' })
  await issue()
})

t.test('Forage cannot be reached: callers are told when to come back, and nobody asks before', async t => {
  const { issuer, simulator, clock, told } = await startIssuing(t)
  await simulator.close()
  const refusal = { reason: 'upstream_unreachable', retryAfterSec: 1, errorCode: 'ECONNREFUSED' }
  t.same(await issuer.issue(undefined, undefined), refusal)
  await told('token_not_obtained')
  const outcomes = await Promise.all(Array.from({ length: 100 }, () => issuer.issue(undefined, undefined)))
  t.same(new Set(outcomes.map(outcome => JSON.stringify(outcome))).size, 1)
  clock.now += 0.5
  await issuer.issue(undefined, undefined)
  await told('token_not_obtained', 2)
})

t.test('after "too many requests" Forage is left alone for as long as it asks, a minute at most', async t => {
  const retryAfter = { fault: 'throttled', mayHaveTakenEffect: false, retryAfterSec: 7 } as const
  let calls = 0
  const { issuer, clock } = await startIssuing(t, {
    between: client => ({
      createSessionToken: request => (++calls === 1 ? Promise.resolve(retryAfter) : client.createSessionToken(request)),
    }),
  })
  t.same(await issuer.issue(undefined, undefined), { reason: 'budget_exhausted', retryAfterSec: 7 })
  clock.now += 6.5
  t.same(await issuer.issue(undefined, undefined), { reason: 'budget_exhausted', retryAfterSec: 1 })
  t.equal(calls, 1)
  clock.now += 0.5
  await issuer.issue(undefined, undefined)
  t.equal(calls, 2)
})

t.test('Forage throttles the request for an authentication token', async t => {
  const { issuer, simulator, clock } = await startIssuing(t)
  simulator.faults.throttle = 1
  t.same(await issuer.issue(undefined, undefined), { reason: 'budget_exhausted', retryAfterSec: 1 })
  t.same(await issuer.issue(undefined, undefined), { reason: 'budget_exhausted', retryAfterSec: 1 })
  clock.now += 1
  t.match(await issuer.issue(undefined, undefined), { token: /./ })
})

t.test('the budget is asked before every request that Forage counts', async t => {
  let left = 2
  const { issuer, issue, simulator } = await startIssuing(t, {
    mayCall: async () => (left-- > 0 ? 'go' : { retryAfterSec: 12 }),
  })
  await issue()
  t.same(await issuer.issue(undefined, undefined), { reason: 'budget_exhausted', retryAfterSec: 12 })
  t.same(await issuer.issue('balance', undefined), { reason: 'budget_exhausted', retryAfterSec: 12 })
  t.same(pathsOf(simulator), ['/o/token/', '/api/session_token/'])
})

for (const [forageAheadSec, reason] of [
  [6, 'token_not_yet_valid'],
  [-905, 'token_expired'],
] as const) {
  t.test(`a clock that is off by ${forageAheadSec} s is an invalid answer, and said to be ${reason}`, async t => {
    const { issuer, eventsOf, issued } = await startIssuing(t, { forageAheadSec })
    t.same(await issuer.issue(undefined, undefined), { reason: 'upstream_invalid' })
    t.match(eventsOf('session_token_unfit'), [{ useCase: 'checkout', reason }])
    t.same(issued, [])
  })
}

t.test('a clock that is off by what the tolerance allows harms nobody', async t => {
  const { issue } = await startIssuing(t, { forageAheadSec: 5 })
  await issue()
})

t.test('a revocation while Forage makes a session: nobody gets it, a second one comes from the new token', async t => {
  const gate = createAnswerGate()
  const bench = await startIssuing(t, { between: client => ({ createSessionToken: gate.around(client) }) })
  const { issuer, issue, sessions, issued, verdicts, tokens } = bench
  await issue()
  const answered = gate.next()
  const underWay = issuer.issue(undefined, 'c')
  const lost = await answered
  t.same(await issuer.retire({ useCase: 'checkout' }), { replaced: ['checkout'], pending: [] })
  gate.open()
  const outcome = await underWay
  t.match(outcome, { token: /./ })
  t.same(await verdicts((outcome as { token: string }).token), ['let in', 200])
  t.same(await verdicts(lost), ['token_unknown', 401])
  t.equal(issued.length, 2)
  t.equal(sessions.ledger.size, 2, 'what came from the revoked token never was on record')
  t.equal((await tokens()).live, 1)
})

t.test('revocations that go on and on end an issue with a refusal, never with a dead session', async t => {
  const { issuer, issued } = await startIssuing(t, {
    between: client => ({
      async createSessionToken(request) {
        const outcome = await client.createSessionToken(request)
        void issuer.retire({ all: true })
        return outcome
      },
    }),
  })
  t.same(await issuer.issue(undefined, undefined), { reason: 'overloaded', retryAfterSec: 1 })
  t.same(issued, [])
})

t.test('retiring a use case ends its sessions here and at Forage, and no others; new ones work at once', async t => {
  const { issuer, issue, verdicts, tokens } = await startIssuing(t)
  const [checkout, balance] = [await issue('checkout'), await issue('balance')]
  const retired = issuer.retire({ useCase: 'checkout' })
  t.equal((await verdicts(checkout))[0], 'token_revoked', 'before Forage has answered')
  t.same(await retired, { replaced: ['checkout'], pending: [] })
  t.same(await verdicts(checkout), ['token_revoked', 401])
  t.same(await verdicts(balance), ['let in', 200])
  t.same(await verdicts(await issue('checkout')), ['let in', 200])
  const { live, most, issued } = await tokens()
  t.same([live, issued], [2, 3])
  t.ok(most <= 3, 'the one that ends and the one that takes its place, and that of the other use case')
})

t.test(
  'a token is retired by its text or its digest, all of them together, and what is not ours hits nothing',
  async t => {
    const { issuer, issue, texts, eventsOf } = await startIssuing(t)
    await issue('checkout')
    await issue('balance')
    const [checkout = '', balance = ''] = texts
    t.same(await issuer.retire({ authenticationToken: 'sandbox_0123456789abcdefghijklmnopqrst' }), {
      replaced: [],
      pending: [],
    })
    t.same(await issuer.retire({ useCase: 'refunds' }), { replaced: [], pending: [] })
    t.same(await issuer.retire({ authenticationToken: checkout }), { replaced: ['checkout'], pending: [] })
    t.same(await issuer.retire({ authenticationToken: checkout }), { replaced: [], pending: [] }, 'it is over already')
    t.same(await issuer.retire({ authenticationToken: balance.replace('sandbox_', 'SANDBOX_') }), {
      replaced: ['balance'],
      pending: [],
    })
    const digest = createHash('sha256')
      .update(texts[2] ?? '')
      .digest('base64url')
    t.same(await issuer.retire({ authenticationToken: digest }), { replaced: ['checkout'], pending: [] })
    t.same(await issuer.retire({ all: true }), { replaced: ['checkout', 'balance'], pending: [] })
    t.equal(eventsOf('token_retired').length, 5)
  },
)

t.test('nothing is issued after the end', async t => {
  const { issuer, timers } = await startIssuing(t)
  issuer.start()
  await issuer.close()
  t.same(await issuer.issue(undefined, undefined), { reason: 'overloaded', retryAfterSec: 1 })
  t.equal(timers.pending, 0)
})

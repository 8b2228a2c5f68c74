import t, { type Test } from 'tap'
import { type IssuingBench, startIssuing } from '../fixtures/issuing.ts'
import { until } from '../fixtures/until.ts'

const week = 604_800
const day = 86_400
const checkoutOnly = { settings: { useCases: ['checkout'] } }

/** A bench with one use case that has issued its first session. */
async function startUsed(t: Test, options: Parameters<typeof startIssuing>[1] = {}): Promise<IssuingBench> {
  const bench = await startIssuing(t, { ...options, settings: { ...checkoutOnly.settings, ...options.settings } })
  await bench.issue()
  return bench
}

t.test('a token is replaced its time before its end, and not a second sooner', async t => {
  const { timers, told, tokens, texts, eventsOf } = await startUsed(t)
  timers.advance(week - day - 1)
  t.same(await tokens(), { live: 1, most: 1, issued: 1 })
  timers.advance(1)
  await told('token_obtained', 2)
  t.equal(texts.length, 2)
  t.match(eventsOf('token_replaced'), [{ useCase: 'checkout' }])
})

t.test('chance brings a renewal forward or back within a tenth of that time, so that replicas part', async t => {
  const { timers, told, tokens } = await startUsed(t, { random: () => 1 })
  timers.advance(week - day)
  t.equal((await tokens()).issued, 1)
  timers.advance(day / 10)
  await told('token_obtained', 2)
})

t.test('three months of issuing: no issue fails, no session dies early, never more than two live tokens', async t => {
  const { timers, issue, verdicts, tokens, told, eventsOf, clock } = await startUsed(t, { timeoutMs: 60_000 })
  for (let renewal = 1; renewal <= 15; renewal++) {
    const obtainedAt = (eventsOf('token_obtained').at(-1)?.expiresAt ?? 0) - week
    timers.advance(obtainedAt + week - day - 1 - clock.now)
    const before = await issue()
    timers.advance(1)
    // While the new token is under way, the old one serves.
    const during = await Promise.all(Array.from({ length: 20 }, () => issue()))
    await told('token_obtained', renewal + 1)
    const after = await issue()
    for (const minute of [1, 7, 14]) {
      for (const session of [before, ...during.slice(0, 2), after])
        t.same(await verdicts(session), ['let in', 200], `renewal ${renewal}, minute ${minute}`)
      timers.advance(minute === 14 ? 122 : 419)
    }
    await told('token_revoked', renewal)
    t.same(await tokens(), { live: 1, most: 2, issued: renewal + 1 })
  }
  t.same(eventsOf('token_not_obtained'), [])
})

t.test('the replaced token is revoked at Forage a minute after its last session, and not before', async t => {
  const { timers, issue, verdicts, told, tokens, texts, eventsOf } = await startUsed(t)
  timers.advance(week - day - 100)
  const last = await issue()
  timers.advance(100)
  await told('token_obtained', 2)
  t.same(await tokens(), { live: 2, most: 2, issued: 2 })
  t.not(await issue(), last)
  timers.advance(799)
  t.same(await verdicts(last), ['let in', 200])
  timers.advance(60)
  t.equal((await tokens()).live, 2)
  t.same(eventsOf('token_revoked'), [])
  timers.advance(1)
  await told('token_revoked')
  t.same(await tokens(), { live: 1, most: 2, issued: 2 })
  t.equal(texts.length, 2)
})

t.test('a replaced token that nobody was issued a session from goes at once', async t => {
  const { issuer, timers, told } = await startIssuing(t, checkoutOnly)
  issuer.start()
  await told('token_obtained')
  timers.advance(week - day)
  await told('token_obtained', 2)
  timers.advance(1)
  await told('token_revoked')
})

t.test('a replaced token is not revoked while an issue with it is under way', async t => {
  const waiting: (() => void)[] = []
  let isHeld = false
  const { timers, issuer, told, tokens, eventsOf } = await startUsed(t, {
    between: client => ({
      async createSessionToken(request) {
        if (isHeld) await new Promise<void>(resolve => waiting.push(resolve))
        return client.createSessionToken(request)
      },
    }),
  })
  isHeld = true
  const underWay = issuer.issue(undefined, undefined)
  await until(
    () => waiting.length,
    count => count === 1,
  )
  timers.advance(week - day)
  await told('token_obtained', 2)
  timers.advance(5000)
  t.same(eventsOf('token_revoked'), [])
  waiting[0]?.()
  t.match(await underWay, { token: /./ })
  timers.advance(900)
  t.same(eventsOf('token_revoked'), [])
  timers.advance(70)
  await told('token_revoked')
  t.same(await tokens(), { live: 1, most: 2, issued: 2 })
})

t.test('a renewal that fails is tried again, further and further apart, while the old token works', async t => {
  const { timers, issue, simulator, told, eventsOf, tokens, clock } = await startUsed(t)
  timers.advance(week - day - 1)
  simulator.faults.failNext = { status: 503, html: true, count: 8 }
  timers.advance(1)
  for (let failures = 1; failures <= 8; failures++) {
    await told('token_not_obtained', failures)
    const event = eventsOf('token_not_obtained')[failures - 1]
    t.match(event, { fault: { fault: 'invalid_answer', status: 503 }, hasWorkingToken: true })
    if (failures < 8) timers.advance(event?.retryInSec ?? 0)
  }
  t.same(
    eventsOf('token_not_obtained').map(({ retryInSec }) => retryInSec),
    [0.5, 1, 2, 4, 8, 16, 32, 60],
  )
  await issue()
  const failedAt = clock.now
  timers.advance(60)
  await told('token_obtained', 2)
  t.equal(clock.now, failedAt + 60)
  await issue()
  t.equal((await tokens()).most, 2)
})

t.test('a failure without a working token is tried again without anybody asking', async t => {
  const { issuer, simulator, timers, told, eventsOf, issue } = await startIssuing(t, checkoutOnly)
  simulator.faults.failNext = { status: 500, html: false, count: 1 }
  issuer.start()
  await told('token_not_obtained')
  t.match(eventsOf('token_not_obtained'), [{ hasWorkingToken: false, retryInSec: 0.5 }])
  timers.advance(0.5)
  await told('token_obtained')
  await issue()
})

t.test('a token whose time is over is not used, whatever became of its renewal', async t => {
  const { issuer, simulator, timers, clock, told } = await startUsed(t)
  simulator.faults.failNext = { status: 503, html: true, count: 1_000_000 }
  clock.now += week - 1
  timers.advance(0)
  await told('token_not_obtained')
  simulator.faults.failNext = null
  t.match(await issuer.issue(undefined, undefined), { token: /./, expiresAt: clock.now + 1 }, 'for a second yet')
  simulator.faults.failNext = { status: 503, html: true, count: 1_000_000 }
  clock.now += 1
  t.match(await issuer.issue(undefined, undefined), { reason: 'upstream_invalid' })
})

t.test('a process that slept through its renewal obtains a token when it is asked', async t => {
  const { clock, issue, verdicts, tokens } = await startUsed(t)
  clock.now += week + 5
  t.same(await verdicts(await issue()), ['let in', 200])
  t.equal((await tokens()).live, 1)
})

t.test('a token to which Forage gives less life than was asked for is kept for half of it', async t => {
  const { timers, told, tokens } = await startUsed(t, {
    between: client => ({
      async createAuthenticationToken(request) {
        const outcome = await client.createAuthenticationToken(request)
        return 'token' in outcome ? { ...outcome, expiresAt: outcome.expiresAt - week + 7200 } : outcome
      },
    }),
  })
  timers.advance(3599)
  t.equal((await tokens()).issued, 1)
  timers.advance(1)
  await told('token_obtained', 2)
})

t.test('the thousandth live token of the client: callers are refused, nothing is revoked in bulk', async t => {
  const { issuer, simulator, told, eventsOf, tokens, timers, issue } = await startIssuing(t, checkoutOnly)
  const others = Array.from({ length: 1000 }, () => simulator.issueAuthenticationToken())
  t.same(await issuer.issue(undefined, undefined), { reason: 'overloaded', retryAfterSec: 1 })
  t.match(eventsOf('token_not_obtained'), [{ fault: { fault: 'token_limit' }, hasWorkingToken: false }])
  t.equal((await tokens()).live, 1000)
  simulator.revokeAuthenticationToken(others[0] as string)
  timers.advance(1)
  await told('token_obtained')
  await issue()
})

t.test('a client secret that Forage refuses is asked with seldom, and a new one at once', async t => {
  const secrets = { clientId: '', clientSecret: 'wrong', backendKeys: [] }
  const { issuer, simulator, told, eventsOf, timers, issue } = await startIssuing(t, {
    settings: { useCases: ['checkout'], secrets },
  })
  t.match(await issuer.issue(undefined, undefined), { reason: 'upstream_credentials_refused' })
  for (let failures = 2; failures <= 12; failures++) {
    timers.advance(eventsOf('token_not_obtained').at(-1)?.retryInSec ?? 0)
    await told('token_not_obtained', failures)
  }
  t.equal(eventsOf('token_not_obtained').at(-1)?.retryInSec, 150)
  const { clientId, clientSecret } = simulator
  issuer.useSecrets({ clientId, clientSecret, backendKeys: [] })
  await told('token_obtained')
  await issue()
})

t.test('a token that somebody revoked at Forage is replaced within the issue that finds it out', async t => {
  const { issue, simulator, texts, verdicts, eventsOf, clock, issuer } = await startUsed(t)
  const before = await issue()
  simulator.revokeAuthenticationToken(texts[0] as string)
  t.same(await verdicts(await issue()), ['let in', 200])
  t.same(await verdicts(before), ['token_revoked', 401], 'its sessions are over there, so they are over here')
  t.match(eventsOf('token_retired'), [{ cause: 'refused_by_forage' }])
  simulator.revokeAuthenticationToken(texts[1] as string)
  clock.now += 59
  t.match(await issuer.issue(undefined, undefined), { reason: 'upstream_credentials_refused' }, 'not twice in a minute')
  clock.now += 1
  t.same(await verdicts(await issue()), ['let in', 200])
  t.equal(texts.length, 3)
})

t.test('many issues that find out together replace it once', async t => {
  const { issuer, simulator, texts } = await startUsed(t)
  simulator.revokeAuthenticationToken(texts[0] as string)
  const outcomes = await Promise.all(Array.from({ length: 30 }, () => issuer.issue(undefined, undefined)))
  t.equal(outcomes.filter(outcome => 'token' in outcome).length, 30)
  t.equal(texts.length, 2)
})

t.test('what Forage does not revoke is told again until it does, and sessions are over here all the same', async t => {
  const { issuer, issue, simulator, texts, told, timers, tokens, eventsOf, verdicts } = await startUsed(t)
  const session = await issue()
  simulator.faults.failNext = { status: 503, html: true, count: 1 }
  const retired = issuer.retire({ useCase: 'checkout' })
  t.equal((await verdicts(session))[0], 'token_revoked')
  await retired
  t.match(eventsOf('token_not_revoked'), [{ fault: { status: 503 }, retryInSec: 0.5 }])
  t.same(await tokens(), { live: 2, most: 2, issued: 2 })
  await issue()
  timers.advance(1)
  await told('token_revoked')
  t.equal((await tokens()).live, 1)
  t.equal(texts.length, 2)
})

t.test('no third token is asked for while two may be live', async t => {
  let isDeaf = true
  const deaf = { fault: 'unreachable', mayHaveTakenEffect: true } as const
  const { issuer, issue, told, timers, tokens, eventsOf } = await startUsed(t, {
    between: client => ({
      revokeAuthenticationToken: request =>
        isDeaf ? Promise.resolve(deaf) : client.revokeAuthenticationToken(request),
    }),
  })
  await issuer.retire({ useCase: 'checkout' })
  await issue()
  await issuer.retire({ useCase: 'checkout' })
  t.match(await issuer.issue(undefined, undefined), { reason: 'upstream_unreachable' })
  t.match(eventsOf('token_not_obtained').at(-1), {
    detail: 'two tokens may be live at Forage: none is asked for until one is revoked',
  })
  t.same(await tokens(), { live: 2, most: 2, issued: 2 })
  isDeaf = false
  timers.advance(2)
  await told('token_revoked', 2)
  timers.advance(1)
  await told('token_obtained', 3)
  await issue()
  t.same(await tokens(), { live: 1, most: 2, issued: 3 })
})

t.test('a revocation in the middle of a renewal ends both tokens before a third is asked for', async t => {
  const { issuer, issue, timers, told, tokens, verdicts, eventsOf } = await startUsed(t)
  timers.advance(week - day - 1)
  const fromOld = await issue()
  timers.advance(1)
  await told('token_obtained', 2)
  const fromNew = await issue()
  t.same(await issuer.retire({ useCase: 'checkout' }), { replaced: ['checkout'], pending: [] })
  for (const session of [fromOld, fromNew]) t.same(await verdicts(session), ['token_revoked', 401])
  t.same(await verdicts(await issue()), ['let in', 200])
  t.same(await tokens(), { live: 1, most: 2, issued: 3 })
  t.equal(eventsOf('token_revoked').length, 2)
})

t.test('what Forage has not revoked or replaced yet is pending, however often it is to end', async t => {
  const away = { fault: 'unreachable', mayHaveTakenEffect: false } as const
  let isAway: readonly string[] = []
  const unless = <Outcome>(call: string, make: () => Promise<Outcome>) =>
    isAway.includes(call) ? Promise.resolve(away) : make()
  const { issuer, timers, told, tokens } = await startUsed(t, {
    between: client => ({
      createAuthenticationToken: order => unless('create', () => client.createAuthenticationToken(order)),
      revokeAuthenticationToken: order => unless('revoke', () => client.revokeAuthenticationToken(order)),
    }),
  })
  const retire = () => issuer.retire({ useCase: 'checkout' })
  isAway = ['revoke']
  t.same(await retire(), { replaced: [], pending: ['checkout'] }, 'the old one may still work')
  t.same(await retire(), { replaced: [], pending: ['checkout'] }, 'it still may')
  const attempts = (await tokens()).issued
  isAway = []
  timers.advance(120)
  await told('token_revoked', 1)
  timers.advance(120)
  await told('token_obtained', attempts + 1)
  t.same(await retire(), { replaced: ['checkout'], pending: [] })
  t.equal((await tokens()).live, 1)
  isAway = ['create']
  t.same(await retire(), { replaced: [], pending: ['checkout'] }, 'there is no other one')
  t.equal((await tokens()).live, 0)
  t.same(await retire(), { replaced: [], pending: [] }, 'there is none that could end')
})

t.test('a token that could not be revoked is forgotten when it has expired', async t => {
  const deaf = { fault: 'timeout', mayHaveTakenEffect: true } as const
  const { issuer, timers, clock, tokens, eventsOf } = await startUsed(t, {
    between: () => ({ revokeAuthenticationToken: () => Promise.resolve(deaf) }),
  })
  await issuer.retire({ useCase: 'checkout' })
  clock.now += week
  timers.advance(121)
  const attempts = eventsOf('token_not_revoked').length
  timers.advance(7200)
  t.equal(eventsOf('token_not_revoked').length, attempts)
  t.ok((await tokens()).live <= 1)
})

t.test('a token of another environment is no answer, is revoked, and is asked for less and less often', async t => {
  const { issuer, told, eventsOf, tokens, texts, timers } = await startIssuing(t, {
    ...checkoutOnly,
    simulator: { environment: 'staging' },
  })
  t.match(await issuer.issue(undefined, undefined), { reason: 'upstream_invalid' })
  await told('token_revoked')
  const detail = 'token has the prefix staging_, environment is sandbox'
  t.match(eventsOf('token_not_obtained'), [{ fault: { fault: 'invalid_answer' }, retryInSec: 0.5, detail }])
  t.same(await tokens(), { live: 0, most: 1, issued: 1 })
  for (const [index, retryInSec] of [1, 2, 4, 8, 16, 32, 60, 60].entries()) {
    timers.advance(eventsOf('token_not_obtained').at(-1)?.retryInSec ?? 0)
    await told('token_not_obtained', index + 2)
    await told('token_revoked', index + 2)
    t.match(eventsOf('token_not_obtained').at(-1), { retryInSec, detail })
  }
  t.same(await tokens(), { live: 0, most: 1, issued: 9 })
  for (const text of texts) t.notMatch(JSON.stringify(eventsOf('token_not_obtained')), text.slice(-30, -20))
})

t.test('a token that is kept begins the pauses anew', async t => {
  let lifeSec = 59
  const { issuer, told, eventsOf, timers, issue } = await startIssuing(t, {
    ...checkoutOnly,
    between: client => ({
      async createAuthenticationToken(request) {
        const outcome = await client.createAuthenticationToken(request)
        return 'token' in outcome ? { ...outcome, expiresAt: outcome.expiresAt - week + lifeSec } : outcome
      },
    }),
  })
  issuer.start()
  await told('token_not_obtained')
  timers.advance(0.5)
  await told('token_not_obtained', 2)
  lifeSec = 7200
  timers.advance(1)
  await told('token_obtained')
  await issue()
  lifeSec = 59
  timers.advance(3600)
  await told('token_not_obtained', 3)
  t.match(eventsOf('token_not_obtained'), [
    { retryInSec: 0.5, detail: 'token lives for less than 60 s' },
    { retryInSec: 1 },
    { retryInSec: 0.5, hasWorkingToken: true },
  ])
})

t.test('a prefix in capitals is not our environment, and the log has none of its letters', async t => {
  const { issuer, eventsOf } = await startIssuing(t, {
    ...checkoutOnly,
    between: client => ({
      async createAuthenticationToken(request) {
        const outcome = await client.createAuthenticationToken(request)
        return 'token' in outcome ? { ...outcome, token: outcome.token.replace('sandbox_', 'SANDBOX_') } : outcome
      },
    }),
  })
  t.match(await issuer.issue(undefined, undefined), { reason: 'upstream_invalid' })
  const detail = 'token has no known prefix in lower case, environment is sandbox'
  t.match(eventsOf('token_not_obtained'), [{ detail }])
})

for (const [lifeSec, reason] of [
  [59, 'upstream_invalid'],
  [60, undefined],
] as const) {
  t.test(`a token that lives for ${lifeSec} s is ${reason ? 'no answer, and is revoked' : 'used'}`, async t => {
    const { issuer, tokens, told } = await startIssuing(t, {
      ...checkoutOnly,
      between: client => ({
        async createAuthenticationToken(request) {
          const outcome = await client.createAuthenticationToken(request)
          return 'token' in outcome ? { ...outcome, expiresAt: outcome.expiresAt - week + lifeSec } : outcome
        },
      }),
    })
    t.match(await issuer.issue(undefined, undefined), reason ? { reason } : { token: /./ })
    t.match(await issuer.issue(undefined, undefined), reason ? { reason } : { token: /./ }, 'without another one')
    if (reason) await told('token_revoked')
    t.same(await tokens(), { live: reason ? 0 : 1, most: 1, issued: 1 })
  })
}

t.test('tokens that end in the very moment in which they come are given up after three', async t => {
  const { issuer, tokens } = await startIssuing(t, {
    ...checkoutOnly,
    onEvent({ kind }) {
      if (kind === 'token_obtained') void issuer.retire({ all: true })
    },
  })
  t.match(await issuer.issue(undefined, undefined), { reason: 'upstream_unreachable' })
  t.ok((await tokens()).issued <= 3)
})

t.test('a clock that is set back does not keep the next attempt waiting', async t => {
  const { issuer, simulator, clock } = await startIssuing(t, checkoutOnly)
  simulator.faults.failNext = { status: 503, html: true, count: 1 }
  t.match(await issuer.issue(undefined, undefined), { reason: 'upstream_invalid' })
  clock.now -= 4000
  t.match(await issuer.issue(undefined, undefined), { token: /./ })
})

t.test('when the registry has no room the operator is told', async t => {
  const { issuer, eventsOf } = await startUsed(t, { revoke: () => 'full' })
  await issuer.retire({ all: true })
  t.match(eventsOf('revocation_not_remembered'), [{ useCase: 'checkout' }])
})

t.test('a process that ends leaves tokens with live sessions to expire, and revokes the others', async t => {
  const { issuer, issue, events, eventsOf, tokens, texts, verdicts } = await startIssuing(t)
  issuer.start()
  const session = await issue('checkout')
  await until(
    () => texts.length,
    count => count === 2,
  )
  await issuer.close()
  t.match(eventsOf('token_revoked'), [{ useCase: 'balance' }])
  t.match(eventsOf('token_left_behind'), [{ useCase: 'checkout' }])
  t.equal(events.length, 4)
  t.equal((await tokens()).live, 1)
  t.same(await verdicts(session), ['let in', 200])
})

t.test('where sessions do not outlive the process no token does', async t => {
  const { issuer, eventsOf, tokens, issue } = await startUsed(t, { sessionsOutlive: false })
  await issue()
  await issuer.close()
  t.same(eventsOf('token_left_behind'), [])
  t.equal((await tokens()).live, 0)
})

t.test('a quarter of an hour after the last session the token is revoked at the end', async t => {
  const { issuer, clock, tokens } = await startUsed(t)
  clock.now += 960
  await issuer.close()
  t.equal((await tokens()).live, 0)
})

t.test(
  'a token that comes while the process ends is revoked, and one that Forage does not revoke is told of',
  async t => {
    const { issuer, simulator, tokens, eventsOf } = await startIssuing(t, checkoutOnly)
    issuer.start()
    await issuer.close()
    t.same(await tokens(), { live: 0, most: 1, issued: 1 })
    t.equal(eventsOf('token_revoked').length, 1)
    const other = await startUsed(t, { sessionsOutlive: false })
    other.simulator.faults.failNext = { status: 503, html: true, count: 1 }
    await other.issuer.close()
    t.match(other.eventsOf('token_left_behind'), [{ useCase: 'checkout', fingerprint: /^[\w-]{16}$/ }])
    t.ok(simulator)
  },
)

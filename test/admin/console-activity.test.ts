import t from 'tap'
import { createActivity } from '../../src/admin/console-activity.ts'
import { noDurations, noteDuration, quantile } from '../../src/admin/console-durations.ts'
import { emptyInterval } from '../../src/admin/console-interval.ts'
import { DecisionRing, liveDecisionOf } from '../../src/admin/live-decisions.ts'
import { aSession } from '../fixtures/gate.ts'
import { aStory, letIn, preflight, refusedAs } from '../fixtures/story.ts'

const provenance = { recordedAt: 1, useCase: 'checkout', scopes: undefined, merchantAccount: 'm', parent: undefined }

t.test('a live decision tells route, reason and fingerprint, and nothing that a client wrote', async t => {
  const session = aSession({ fingerprint: 'fp', provenance })
  const decision = { ...letIn('/api/orders/{ref}/'), session, wouldDeny: 'scope_insufficient' as const }
  t.same(liveDecisionOf(aStory({ decision, method: 'sandbox_secret', durationMs: 1.2345 }), 5000), {
    time: 5000,
    method: 'other',
    route: '/api/orders/{ref}/',
    status: 200,
    decision: 'allow',
    reason: null,
    would_deny: 'scope_insufficient',
    scope: 'orders',
    use_case: 'checkout',
    duration_ms: 1.23,
    session: 'fp',
  })
  const denied = liveDecisionOf(
    aStory({ decision: refusedAs('token_expired'), reason: 'token_expired', status: 401 }),
    0,
  )
  t.match(denied, { route: 'none', decision: 'deny', reason: 'token_expired', scope: null, session: null })
  t.match(liveDecisionOf(aStory({ decision: preflight }), 0), { decision: 'preflight', use_case: null })
})

t.test('a ring holds the last ones, and gives those after a number, oldest first', async t => {
  const ring = new DecisionRing(3)
  t.same([ring.after(0), ring.last], [[], 0])
  for (const status of [201, 202, 203, 204]) ring.add(liveDecisionOf(aStory({ status }), 0))
  const statuses = (after: number) => ring.after(after).map(({ number, status }) => `${number}:${status}`)
  t.same(statuses(0), ['2:202', '3:203', '4:204'])
  t.same(statuses(1), ['2:202', '3:203', '4:204'])
  t.same(statuses(3), ['4:204'])
  t.same(statuses(4), [])
  t.same(statuses(99), [], 'a number of the process before this one')
})

t.test('a quantile lies in its bucket, and is null where nothing was measured', async t => {
  const counts = noDurations()
  t.equal(quantile(counts, 0.5), null)
  for (let count = 0; count < 99; count++) noteDuration(counts, 1)
  noteDuration(counts, 60_000)
  t.equal(quantile(counts, 0.99), 1, 'all of the 99 lie in the bucket up to 1 ms')
  t.equal(quantile(counts, 1), 10_000, 'what lies beyond the last bound is given as that')
  t.equal(quantile(counts, 0.495), 0.88)
  const edge = noDurations()
  noteDuration(edge, 0.1)
  noteDuration(edge, 0.1001)
  t.same(edge.slice(0, 3), [1, 1, 0])
})

t.test('requests are counted by intervals of five seconds, and forgotten after the last of them', async t => {
  let now = 1_000_000_000_000
  const activity = createActivity({ intervals: 3, now: () => now })
  activity.observe(aStory({ durationMs: 12, upstreamMs: 8 }))
  activity.observe(aStory({ reason: 'upstream_timeout', status: 504 }))
  now += 4_999
  activity.observe(aStory({ decision: preflight, upstreamMs: undefined }))
  now += 1
  activity.observe(aStory({ decision: refusedAs('token_expired'), reason: 'token_expired', upstreamMs: undefined }))
  activity.observe(aStory({ decision: { ...letIn('/api/orders/{ref}/'), wouldDeny: 'scope_insufficient' } }))
  const counts = () =>
    activity
      .intervals()
      .map(({ startsAt, allowed, denied, answered, faults, reported, reasons }) => [
        startsAt - 1_000_000_000,
        ...[allowed, denied, answered, faults, reported, Object.keys(reasons).join()],
      ])
  t.same(counts(), [
    [-5, 0, 0, 0, 0, 0, ''],
    [0, 2, 0, 1, 1, 0, 'upstream_timeout'],
    [5, 1, 1, 0, 0, 1, 'token_expired'],
  ])
  t.equal(quantile(activity.intervals()[1]?.ours ?? [], 0.5), 3.63, 'ours is what Forage did not take')
  now += 10_000
  t.same(counts()[0], [5, 1, 1, 0, 0, 1, 'token_expired'])
  activity.observe(aStory())
  now -= 15_000
  t.same(
    counts(),
    [
      [-10, 0, 0, 0, 0, 0, ''],
      [-5, 0, 0, 0, 0, 0, ''],
      [0, 0, 0, 0, 0, 0, ''],
    ],
    'the first is gone',
  )
})

t.test('a worker tells what happened once, with the last decisions; another process adds it to its own', async t => {
  const now = () => 1_000_000_000_000
  const worker = createActivity({ now, reported: 2 })
  const keeper = createActivity({ now })
  t.same(worker.takeReport(), { intervals: [], decisions: [] })
  for (const status of [201, 202, 203]) worker.observe(aStory({ status }))
  worker.observe(aStory({ decision: refusedAs('token_expired'), reason: 'token_expired', status: 401 }))
  keeper.observe(aStory({ decision: refusedAs('token_expired'), reason: 'token_expired', status: 401 }))
  const report = JSON.parse(JSON.stringify(worker.takeReport()))
  t.same(
    report.decisions.map(({ status }: { status: number }) => status),
    [203, 401],
  )
  t.same(worker.takeReport(), { intervals: [], decisions: [] })
  keeper.hear(report)
  t.match(keeper.intervals().at(-1), { allowed: 3, denied: 2, reasons: { token_expired: 2 } })
  t.same(
    keeper.decisionsAfter(0).decisions.map(({ number, status }) => [number, status]),
    [
      [1, 401],
      [2, 203],
      [3, 401],
    ],
  )
  keeper.hear({ intervals: [emptyInterval(1)], decisions: [] })
  t.equal(keeper.intervals().length, 180, 'what is told too late is forgotten')
})

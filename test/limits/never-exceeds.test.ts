import t from 'tap'
import type { BudgetClass } from '../../src/limits/budget-class.ts'
import type { BudgetTicket, UpstreamBudget } from '../../src/limits/budget-ticket.ts'
import { aBudget, type TestClock } from './a-budget.ts'

const classes: readonly BudgetClass[] = ['payments', 'issuing', 'tokenisation', 'reads', 'polling']

/** A small generator, so that each run is the same run: xorshift. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 4_294_967_296
  }
}

/** The most arrivals within any window that begins at one of them, by looking at each: the upstream's own count. */
function mostInAWindow(arrivals: readonly number[], windowMs: number): number {
  const sorted = [...arrivals].sort((a, b) => a - b)
  let most = 0
  for (const [index, from] of sorted.entries()) {
    let count = 0
    while ((sorted[index + count] ?? Number.POSITIVE_INFINITY) < from + windowMs) count++
    most = Math.max(most, count)
  }
  return most
}

interface Traffic {
  readonly budget: UpstreamBudget
  readonly clock: TestClock
  readonly random: () => number
  /** Times of arrival at the upstream, by egress address. */
  readonly arrivals: Map<string, number[]>
}

/** Sends a request that has its turn: it arrives at some moment before its answer, or after it was given up. */
function send({ budget, clock, random, arrivals }: Traffic, ticket: BudgetTicket, lateArrivalMs: number): void {
  const arriveAfter = (ms: number): void => {
    const times = arrivals.get(ticket.egress) ?? []
    arrivals.set(ticket.egress, times)
    times.push(clock.now() + ms)
  }
  const latencyMs = random() < 0.1 ? random() * 8000 : random() * 400
  const fate = random()
  if (fate < 0.05) {
    budget.done(ticket, 'unsent')
    return
  }
  if (fate < 0.15) {
    clock.setTimer(() => budget.done(ticket, 'aborted'), latencyMs)
    arriveAfter(latencyMs + random() * lateArrivalMs)
    return
  }
  arriveAfter(random() * latencyMs)
  clock.setTimer(() => {
    // Now and then it is sent again, and arrives twice.
    if (fate < 0.2 && budget.charge(ticket)) arriveAfter(random() * 100)
    clock.setTimer(() => budget.done(ticket, 'answered'), 100)
  }, latencyMs)
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  t.test(`the upstream never counts more than its limit in any window, with random traffic ${seed}`, async t => {
    const lateArrivalMs = 3000
    const { budget, clock } = aBudget({
      requests: 40,
      maxWaitMs: 700,
      lateArrivalMs,
      localAddresses: seed % 2 === 0 ? ['one', 'two'] : [],
    })
    const traffic: Traffic = { budget, clock, random: seeded(seed * 7919), arrivals: new Map() }
    const { random } = traffic
    let untold = 0
    for (let count = 0; count < 5000; count++) {
      // Lulls, rushes, and a process that is stopped for a while.
      clock.advance(random() < 0.01 ? random() * 15_000 : random() * 60)
      if (random() < 0.002) clock.stall(random() * 30_000)
      if (seed > 4 && random() < 0.002) budget.noteThrottled(budget.remaining()[0]?.egress ?? '', random() * 5)
      const ticket = budget.enter({
        class: classes[Math.floor(random() * classes.length)] as BudgetClass,
        session: `session ${Math.floor(random() * 30)}`,
        onTurn: turn => send(traffic, turn, lateArrivalMs),
        onRefused: seconds => {
          if (!Number.isInteger(seconds) || seconds < 1) untold++
        },
      })
      if (random() < 0.02) budget.leave(ticket)
    }
    for (const [egress, times] of traffic.arrivals) {
      t.ok(mostInAWindow(times, 10_000) <= 40, `${egress}: ${mostInAWindow(times, 10_000)}`)
      t.ok(times.length > 400, `${times.length} requests got through`)
    }
    t.equal(untold, 0)
    clock.advance(60_000)
    t.equal(budget.waiting, 0)
    for (const { used, remaining } of budget.remaining()) t.same([used, remaining > 30], [0, true])
  })
}

t.test('the count of the test itself finds one request too many', async t => {
  t.equal(mostInAWindow([0, 5, 9.9, 10], 10), 3)
  t.equal(mostInAWindow([0, 5, 9.9, 9.99], 10), 4)
})

t.test('two replicas whose parts move between them never send more than the limit together', async t => {
  const random = seeded(99)
  const limit = 40
  const arrivals = new Map<string, number[]>()
  const first = aBudget({ requests: 20, maxWaitMs: 0 })
  const second = aBudget({ requests: 20, maxWaitMs: 0 })
  const replicas = [first, second]
  for (let count = 0; count < 6000; count++) {
    const stepMs = random() * 80
    for (const { clock } of replicas) clock.advance(stepMs)
    if (random() < 0.05)
      moveParts(
        replicas.map(({ budget }) => budget),
        limit,
        random(),
      )
    const { budget, clock } = replicas[random() < 0.7 ? 0 : 1] as typeof first
    budget.enter({
      class: 'payments',
      session: `session ${Math.floor(random() * 50)}`,
      onTurn: turn => send({ budget, clock, random, arrivals }, turn, 2000),
      onRefused: () => {},
    })
  }
  const all = [...arrivals.values()].flat()
  t.ok(mostInAWindow(all, 10_000) <= limit)
  t.ok(all.length > 700, `${all.length} requests got through`)
})

/** What the keeper of the leases does: smaller first, and only what is not in use goes to the other. */
function moveParts(budgets: readonly UpstreamBudget[], limit: number, part: number): void {
  const [first, second] = budgets as [UpstreamBudget, UpstreamBudget]
  first.setAllowance('', Math.floor(limit * part))
  const { allowance = 0, used = 0 } = first.remaining()[0] ?? {}
  second.setAllowance('', limit - Math.max(allowance, used))
  const other = second.remaining()[0]
  first.setAllowance('', Math.min(allowance, limit - Math.max(other?.allowance ?? 0, other?.used ?? 0)))
}

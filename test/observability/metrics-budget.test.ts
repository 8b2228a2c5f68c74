import t from 'tap'
import type { BudgetTicket } from '../../src/limits/budget-ticket.ts'
import { createUpstreamBudget } from '../../src/limits/upstream-budget.ts'
import { timedBudget } from '../../src/observability/metrics-budget.ts'
import { createTestClock } from '../limits/a-budget.ts'

/** A budget of two requests in ten seconds, for which a request waits five at most. */
function aTimedBudget() {
  const clock = createTestClock()
  const { now, setTimer } = clock
  const own = createUpstreamBudget({
    ...{ requests: 2, windowSec: 10, maxWaitMs: 5000, marginMs: 0, lateArrivalMs: 0, localAddresses: [] },
    ...{ now, setTimer },
  })
  const waits: number[] = []
  const told: string[] = []
  const budget = timedBudget(own, seconds => void waits.push(seconds), now)
  const ask = (): BudgetTicket =>
    budget.enter({
      class: 'payments',
      session: '',
      onTurn: ({ egress }) => void told.push(`turn ${egress}`),
      onRefused: seconds => void told.push(`refused ${seconds}`),
    })
  return { clock, own, budget, waits, told, ask }
}

t.test('a request with a place has not waited, and one that is turned away at once is not counted', async t => {
  const { ask, waits, told } = aTimedBudget()
  ask()
  ask()
  ask()
  t.same(told, ['turn ', 'turn ', 'refused 10'])
  t.same(waits, [0, 0])
})

t.test('a request that waits is counted with its wait when its turn comes', async t => {
  const { budget, clock, ask, waits, told } = aTimedBudget()
  budget.done(ask(), 'answered')
  budget.done(ask(), 'answered')
  clock.advance(6000)
  ask()
  t.equal(budget.waiting, 1)
  clock.advance(4000)
  t.same(told, ['turn ', 'turn ', 'turn '])
  t.same(waits, [0, 0, 4])
})

t.test('a request that waited in vain is counted with its wait, one that left is not', async t => {
  const { budget, clock, ask, waits, told } = aTimedBudget()
  budget.done(ask(), 'answered')
  budget.done(ask(), 'answered')
  clock.advance(6000)
  const left = ask()
  ask()
  budget.noteThrottled('', 60)
  budget.leave(left)
  clock.advance(5000)
  t.match(told[2], /^refused \d+$/)
  t.same(waits, [0, 0, 5])
})

t.test('everything else is the budget’s own', async t => {
  const { own, budget, ask } = aTimedBudget()
  const ticket = ask()
  t.same(budget.remaining(), own.remaining())
  t.match(budget.remaining(), [{ remaining: 1 }])
  t.equal(budget.charge(ticket), true)
  t.match(own.remaining(), [{ remaining: 0 }])
  budget.setAllowance('', 5)
  t.match(own.remaining(), [{ allowance: 5 }])
})

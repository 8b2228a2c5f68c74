import t from 'tap'
import type { BudgetTicket } from '../../src/limits/budget-ticket.ts'
import { createUpstreamBudget } from '../../src/limits/upstream-budget.ts'
import { aBudget } from './a-budget.ts'

t.test('the tenth request of ten has its turn before enter returns, the eleventh has not', async t => {
  const { ask } = aBudget()
  const asked = Array.from({ length: 11 }, () => ask('payments').outcome)
  t.same(asked, [...new Array(10).fill('turn'), 10])
})

t.test('a request counts for a window after its answer, not after it was sent', async t => {
  const { budget, clock, ask } = aBudget({ requests: 1 })
  const { ticket } = ask('payments')
  clock.advance(4000)
  budget.done(ticket, 'answered')
  clock.advance(9999)
  t.equal(budget.remaining()[0]?.remaining, 0)
  clock.advance(1)
  t.equal(budget.remaining()[0]?.remaining, 1)
  t.equal(ask('payments').outcome, 'turn')
})

t.test('a request that is not answered is held however long it takes', async t => {
  const { clock, ask, budget } = aBudget({ requests: 1 })
  ask('payments')
  clock.advance(100_000)
  t.equal(ask('payments').outcome, 10)
  t.same(budget.remaining(), [{ egress: '', remaining: 0, used: 1, allowance: 1 }])
})

t.test('a request that was given up may still arrive: it counts for that time and a window', async t => {
  const { budget, clock, ask } = aBudget({ requests: 1, lateArrivalMs: 2000 })
  budget.done(ask('payments').ticket, 'aborted')
  clock.advance(11_999)
  t.equal(budget.remaining()[0]?.used, 1)
  clock.advance(1)
  t.equal(budget.remaining()[0]?.used, 0)
})

t.test('what was given up keeps its place in the order although it was looked at late', async t => {
  const { budget, clock, ask } = aBudget({ requests: 2, lateArrivalMs: 2000 })
  budget.done(ask('payments').ticket, 'aborted')
  const second = ask('payments').ticket
  clock.advance(5000)
  budget.done(second, 'answered')
  clock.advance(7000)
  t.equal(budget.remaining()[0]?.used, 1)
  clock.advance(2999)
  t.equal(budget.remaining()[0]?.used, 1)
  clock.advance(1)
  t.equal(budget.remaining()[0]?.used, 0)
})

t.test('the margin is added to the window', async t => {
  const { budget, clock, ask } = aBudget({ requests: 1, marginMs: 250 })
  budget.done(ask('payments').ticket, 'answered')
  clock.advance(10_249)
  t.equal(budget.remaining()[0]?.used, 1)
  clock.advance(1)
  t.equal(budget.remaining()[0]?.used, 0)
})

t.test('a request that was never sent gives its place to the one that waits', async t => {
  const { budget, clock, ask } = aBudget({ requests: 2 })
  const first = ask('payments')
  budget.done(ask('payments').ticket, 'answered')
  clock.advance(9500)
  const waits = ask('payments')
  t.equal(waits.outcome, 'waits')
  budget.done(first.ticket, 'unsent')
  t.equal(waits.outcome, 'turn')
  t.equal(budget.waiting, 0)
  t.equal(clock.timers, 0)
})

t.test('the first word about the end of a request counts', async t => {
  const { budget, ask } = aBudget()
  const { ticket } = ask('payments')
  budget.done(ticket, 'answered')
  budget.done(ticket, 'unsent')
  t.equal(budget.remaining()[0]?.used, 1)
})

t.test('a place that comes free at the very end of the wait is waited for', async t => {
  const { clock, ask, fill } = aBudget({ maxWaitMs: 1000 })
  fill('payments', 10)
  clock.advance(9000)
  const asked = ask('payments')
  t.equal(asked.outcome, 'waits')
  clock.advance(1000)
  t.match(asked, { outcome: 'turn', at: 10_000 })
})

t.test('a place that comes free a millisecond later is not: the refusal comes at once', async t => {
  const { budget, clock, ask, fill } = aBudget({ maxWaitMs: 1000 })
  fill('payments', 10)
  clock.advance(8999)
  t.match(ask('payments'), { outcome: 2, at: 8999 })
  t.equal(budget.waiting, 0)
  t.equal(clock.timers, 0)
})

t.test('a place that is expected but comes to nothing is waited for no longer than the longest wait', async t => {
  const { budget, clock, ask, fill } = aBudget({ maxWaitMs: 1000 })
  fill('payments', 10)
  clock.advance(9500)
  const asked = ask('payments')
  budget.noteThrottled('', 7)
  clock.advance(999)
  t.equal(asked.outcome, 'waits')
  clock.advance(1)
  t.match(asked, { outcome: 6, at: 10_500 })
  t.equal(clock.timers, 0)
})

t.test('who retries when the refusal said so has a turn, and who comes a second earlier has not', async t => {
  for (const early of [1, 0]) {
    const { clock, ask, fill } = aBudget({ maxWaitMs: 0 })
    clock.advance(300)
    fill('payments', 10)
    clock.advance(2700)
    const seconds = ask('payments').outcome as number
    t.equal(seconds, 8)
    clock.advance((seconds - early) * 1000)
    t.equal(ask('payments').outcome, early === 1 ? 1 : 'turn')
  }
})

t.test('the wait that a refusal tells of is that of its class', async t => {
  const { clock, ask, fill } = aBudget({ maxWaitMs: 0 })
  for (let second = 0; second < 8; second++) {
    t.equal(fill('payments', 1), 1)
    clock.advance(1000)
  }
  t.equal(ask('reads').outcome, 2)
  t.equal(ask('polling').outcome, 5)
  t.equal(ask('payments').outcome, 'turn')
})

t.test('a refusal counts those who wait before it', async t => {
  const { clock, ask, budget } = aBudget({ requests: 2, maxWaitMs: 1000 })
  budget.done(ask('payments').ticket, 'answered')
  clock.advance(5000)
  budget.done(ask('payments').ticket, 'answered')
  clock.advance(4500)
  t.equal(ask('payments').outcome, 'waits')
  t.equal(ask('payments').outcome, 6)
})

t.test('who leaves the line is not called, and the next one is', async t => {
  const { budget, clock, ask } = aBudget({ requests: 2 })
  budget.done(ask('payments').ticket, 'answered')
  clock.advance(500)
  budget.done(ask('payments').ticket, 'answered')
  clock.advance(9000)
  const [first, second] = [ask('payments'), ask('payments')]
  t.equal(budget.waiting, 2)
  budget.leave(first.ticket)
  t.equal(budget.waiting, 1)
  clock.advance(500)
  t.equal(first.outcome, 'waits')
  t.match(second, { outcome: 'turn', at: 10_000 })
})

t.test('when the last one leaves the line, no timer is left', async t => {
  const { budget, clock, ask, fill } = aBudget()
  fill('payments', 10)
  clock.advance(9500)
  budget.leave(ask('payments').ticket)
  t.equal(clock.timers, 0)
})

t.test('leaving changes nothing for a request that had its turn', async t => {
  const { budget, ask } = aBudget()
  budget.leave(ask('payments').ticket)
  t.equal(budget.remaining()[0]?.used, 1)
})

t.test('the line is bounded, and who finds it full is told when there is a place', async t => {
  const { clock, ask, fill } = aBudget({ maxWaiting: 2 })
  fill('payments', 10)
  clock.advance(9500)
  t.same([ask('payments').outcome, ask('payments').outcome, ask('payments').outcome], ['waits', 'waits', 1])
})

t.test('a request that is sent again takes a second place', async t => {
  const { budget, clock, ask } = aBudget({ requests: 2, lateArrivalMs: 2000 })
  const { ticket } = ask('payments')
  t.equal(budget.charge(ticket), true)
  t.equal(budget.remaining()[0]?.used, 2)
  budget.done(ticket, 'answered')
  clock.advance(10_000)
  t.equal(budget.remaining()[0]?.used, 1)
  clock.advance(2000)
  t.equal(budget.remaining()[0]?.used, 0)
})

t.test('a request is not sent again where there is no place, and keeps the one it has', async t => {
  const { budget, ask } = aBudget({ requests: 1 })
  const { ticket } = ask('payments')
  t.equal(budget.charge(ticket), false)
  budget.done(ticket, 'answered')
  t.equal(budget.charge(ticket), false)
  t.equal(budget.remaining()[0]?.used, 1)
})

t.test('a turn may be given back, and the next one asked for, inside the call that tells of it', async t => {
  const { budget, clock, ask, fill } = aBudget()
  fill('payments', 9)
  const held = ask('payments')
  clock.advance(9500)
  const told: string[] = []
  const enter = (name: string, onTurn: (ticket: BudgetTicket) => void = () => {}) =>
    budget.enter({
      class: 'payments',
      session: name,
      onTurn(ticket) {
        told.push(name)
        onTurn(ticket)
      },
      onRefused: seconds => void told.push(`${name} refused ${seconds}`),
    })
  enter('first', ticket => {
    budget.done(ticket, 'unsent')
    enter('third')
  })
  enter('second')
  budget.done(held.ticket, 'unsent')
  t.same(told, ['first', 'second'])
  t.equal(budget.remaining()[0]?.used, 10)
  clock.advance(500)
  t.same(told, ['first', 'second', 'third'])
})

t.test('after the process was stopped, those who wait are served within the budget and the others refused', async t => {
  const { budget, clock, ask } = aBudget({ requests: 2, maxWaitMs: 1000 })
  budget.done(ask('payments').ticket, 'answered')
  const [underWay] = [ask('payments')]
  clock.advance(9500)
  const [first, second] = [ask('payments'), ask('payments')]
  t.same([first.outcome, second.outcome], ['waits', 10])
  clock.stall(60_000)
  t.match(first, { outcome: 'turn', at: 69_500 })
  t.equal(ask('payments').outcome, 10)
  budget.done(underWay.ticket, 'answered')
  clock.advance(9999)
  t.equal(budget.remaining()[0]?.used, 2)
})

t.test('on its own clock and timers a place is waited for as well', async t => {
  const budget = createUpstreamBudget({
    requests: 1,
    windowSec: 0.02,
    marginMs: 0,
    maxWaitMs: 5000,
    localAddresses: [],
  })
  const turn = () =>
    new Promise<BudgetTicket>((resolve, reject) => {
      budget.enter({ class: 'payments', session: 'a', onTurn: resolve, onRefused: reject })
    })
  budget.done(await turn(), 'answered')
  await turn()
  t.equal(budget.remaining()[0]?.used, 1)
})

import t from 'tap'
import { aBudget } from './a-budget.ts'

for (const [budgetClass, places] of [
  ['payments', 30],
  ['tokenisation', 30],
  ['reads', 25],
  ['polling', 0],
] as const) {
  t.test(`with a part of 30 of a hundred, of which others use 60, ${budgetClass} may use ${places}`, async t => {
    const { budget, fill } = aBudget({ requests: 100, maxWaitMs: 0 })
    budget.setAllowance('', 30, { requests: 100, usedByOthers: 60 })
    t.equal(fill(budgetClass, 31), places)
  })
}

t.test('a part without word of a whole is a budget of its own', async t => {
  const { budget, fill } = aBudget({ requests: 100 })
  budget.setAllowance('', 20)
  t.equal(fill('reads', 21), 17)
})

t.test('who finds the part used up, but not the whole, waits for a larger part', async t => {
  const { budget, clock, ask } = aBudget({ maxWaitMs: 1000 })
  budget.setAllowance('', 1, { requests: 10, usedByOthers: 4 })
  ask('payments')
  const asked = ask('payments')
  t.equal(asked.outcome, 'waits')
  t.equal(budget.waiting, 1)
  clock.advance(400)
  budget.setAllowance('', 2, { requests: 10, usedByOthers: 4 })
  t.match(asked, { outcome: 'turn', at: 400 })
})

t.test('a larger part that does not come is waited for no longer than the longest wait', async t => {
  const { budget, clock, ask } = aBudget({ maxWaitMs: 1000 })
  budget.setAllowance('', 1, { requests: 10, usedByOthers: 0 })
  ask('payments')
  const asked = ask('payments')
  clock.advance(1000)
  t.match(asked, { outcome: 1, at: 1000 })
})

t.test('where the whole is used up as well, nobody waits for a larger part', async t => {
  const { budget, ask } = aBudget({ maxWaitMs: 1000 })
  budget.setAllowance('', 1, { requests: 10, usedByOthers: 9 })
  t.equal(ask('payments').outcome, 'turn')
  t.equal(ask('payments').outcome, 10)
  budget.setAllowance('', 5, { requests: 10, usedByOthers: 8 })
  t.equal(ask('reads').outcome, 10)
  t.equal(ask('payments').outcome, 'turn')
})

t.test('a 429 counts the requests of all replicas against the limit', async t => {
  const { budget, clock, fill } = aBudget({ requests: 100, maxWaitMs: 0 })
  budget.setAllowance('', 40, { requests: 100, usedByOthers: 50 })
  fill('payments', 10)
  budget.noteThrottled('', 1)
  clock.advance(1000)
  // Sixty were in use: 54 are gone on with, and 60 of them are still counted.
  t.equal(fill('payments', 1), 0)
  budget.setAllowance('', 40, { requests: 100, usedByOthers: 41 })
  t.equal(fill('payments', 10), 3)
})

t.test('what is left is told of the part, or of the whole where that is less', async t => {
  const { budget } = aBudget()
  budget.setAllowance('', 6, { requests: 10, usedByOthers: 3 })
  t.match(budget.remaining(), [{ remaining: 6, used: 0, allowance: 6 }])
  budget.setAllowance('', 6, { requests: 10, usedByOthers: 7 })
  t.match(budget.remaining(), [{ remaining: 3, used: 0, allowance: 6 }])
})

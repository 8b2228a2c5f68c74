import t from 'tap'
import type { BudgetClass } from '../../src/limits/budget-class.ts'
import { aBudget } from './a-budget.ts'

for (const [budgetClass, places] of [
  ['payments', 100],
  ['issuing', 90],
  ['tokenisation', 90],
  ['reads', 85],
  ['polling', 50],
] as const) {
  t.test(`${budgetClass} may use ${places} places of a hundred, and not one more`, async t => {
    t.equal(aBudget({ requests: 100 }).fill(budgetClass, 101), places)
  })
}

t.test('what is left by one class is there for the ones before it', async t => {
  const { fill } = aBudget({ requests: 100 })
  const order: readonly BudgetClass[] = ['polling', 'reads', 'tokenisation', 'issuing', 'payments']
  t.same(
    order.map(budgetClass => fill(budgetClass, 200)),
    [50, 35, 5, 0, 10],
  )
})

t.test('a budget of one place is open to every class', async t => {
  for (const budgetClass of ['payments', 'issuing', 'tokenisation', 'reads', 'polling'] as const)
    t.equal(aBudget({ requests: 1 }).fill(budgetClass, 2), 1)
})

t.test('a place that comes free goes to payments before preparation, though they came later', async t => {
  const { budget, clock, ask, fill } = aBudget({ requests: 1 })
  fill('payments', 1)
  clock.advance(9000)
  const read = ask('reads')
  const payment = ask('payments')
  t.same([read.outcome, payment.outcome], ['waits', 'waits'])
  clock.advance(1000)
  t.same([read.outcome, payment.outcome], [10, 'turn'])
  t.equal(budget.waiting, 0)
})

t.test('issuing and tokenisation are served in the order in which they came', async t => {
  const { clock, ask, fill } = aBudget({ requests: 3 })
  fill('payments', 1)
  clock.advance(100)
  fill('payments', 1)
  clock.advance(100)
  fill('payments', 1)
  clock.advance(9300)
  const asked = [ask('tokenisation'), ask('issuing')]
  clock.advance(1000)
  t.same(
    asked.map(({ at }) => at),
    [10_100, 10_200],
  )
})

t.test('who has waited less but used less comes first: sessions take turns', async t => {
  const { budget, clock, ask } = aBudget({ requests: 4, maxWaitMs: 2000 })
  for (let count = 0; count < 4; count++) {
    budget.done(ask('payments', 'greedy').ticket, 'answered')
    clock.advance(100)
  }
  clock.advance(9000)
  const greedy = [ask('payments', 'greedy'), ask('payments', 'greedy')]
  const modest = [ask('payments', 'modest'), ask('payments', 'modest')]
  clock.advance(2000)
  t.same(
    modest.map(({ at }) => at),
    [10_000, 10_100],
  )
  t.same(
    greedy.map(({ at }) => at),
    [10_200, 10_300],
  )
})

t.test('among sessions that have used the same, who came first is served first', async t => {
  const { clock, ask, fill } = aBudget({ requests: 2 })
  fill('payments', 1)
  clock.advance(100)
  fill('payments', 1)
  clock.advance(9300)
  const asked = [ask('payments', 'b'), ask('payments', 'a')]
  clock.advance(1000)
  t.same(
    asked.map(({ at }) => at),
    [10_000, 10_100],
  )
})

t.test(
  'a session that asks for its 21st payment in a small budget has had its share, and gets what others leave',
  async t => {
    const { budget, ask } = aBudget({ requests: 100 })
    t.equal(ask('payments', 'another').outcome, 'turn')
    const turns = Array.from({ length: 30 }, () => ask('payments', 'looping').outcome)
    t.same(
      turns.map(outcome => outcome === 'turn'),
      [...new Array(20).fill(true), ...new Array(10).fill(false)],
    )
    t.equal(ask('payments', 'another').outcome, 'turn')
    t.equal(budget.remaining()[0]?.used, 22)
  },
)

t.test('the share of a session is three in a hundred of a large budget', async t => {
  const { ask } = aBudget({ requests: 1000 })
  t.equal(ask('payments', 'another').outcome, 'turn')
  // 30 as payments, then what is below a fifth of the budget, of which one place is the other's.
  const turns = Array.from({ length: 300 }, () => ask('payments', 'looping').outcome === 'turn').filter(Boolean)
  t.equal(turns.length, 199)
})

t.test('a session that is alone may use all that its classes may, until somebody else comes', async t => {
  const { ask } = aBudget({ requests: 1000 })
  const reads = Array.from({ length: 900 }, () => ask('reads', 'alone').outcome === 'turn').filter(Boolean)
  t.equal(reads.length, 850)
  t.equal(ask('payments', 'another').outcome, 'turn')
  const payments = Array.from({ length: 40 }, () => ask('payments', 'alone').outcome === 'turn').filter(Boolean)
  t.equal(payments.length, 30)
})

t.test('polling takes nothing from the share of a session in payments', async t => {
  const { ask } = aBudget({ requests: 1000 })
  for (let count = 0; count < 300; count++) ask('polling', 'shopper')
  t.equal(ask('payments', 'shopper').outcome, 'turn')
})

t.test('the share comes back with the places', async t => {
  const { budget, clock, ask } = aBudget({ requests: 100 })
  ask('payments', 'another')
  for (let count = 0; count < 20; count++) budget.done(ask('payments', 'shopper').ticket, 'answered')
  t.equal(ask('payments', 'shopper').outcome, 10)
  clock.advance(10_000)
  t.equal(ask('payments', 'shopper').outcome, 'turn')
})

t.test('what is asked for in nobody’s name is not held against anybody', async t => {
  const { budget, clock, ask } = aBudget({ requests: 100 })
  const asked = Array.from({ length: 95 }, () => ask('issuing', ''))
  t.equal(asked.filter(({ outcome }) => outcome === 'turn').length, 90)
  for (const { ticket } of asked) budget.done(ticket, 'answered')
  clock.advance(10_000)
  t.equal(budget.remaining()[0]?.remaining, 100)
})

t.test('eight requests of one session wait, the ninth is refused, and others still find room', async t => {
  const { clock, ask, fill } = aBudget({ requests: 50 })
  fill('payments', 50)
  clock.advance(9500)
  const asked = Array.from({ length: 9 }, () => ask('payments', 'greedy').outcome)
  t.same(asked, [...new Array(8).fill('waits'), 1])
  t.equal(ask('payments', 'modest').outcome, 'waits')
})

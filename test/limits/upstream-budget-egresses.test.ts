import t from 'tap'
import { aBudget } from './a-budget.ts'

const two = ['127.0.0.2', '127.0.0.3']

t.test('two addresses carry 1,800 payments in a window, 900 each', async t => {
  const { budget, ask, fill } = aBudget({ requests: 900, windowSec: 300, localAddresses: two })
  const egresses: string[] = []
  for (let count = 0; count < 1800; count++) {
    const { ticket } = ask('payments')
    egresses.push(ticket.egress)
    budget.done(ticket, 'answered')
  }
  for (const address of two) t.equal(egresses.filter(egress => egress === address).length, 900)
  t.equal(fill('payments', 1), 0)
  t.same(
    budget.remaining(),
    two.map(egress => ({ egress, remaining: 0, used: 900, allowance: 900 })),
  )
})

t.test('two addresses are used evenly at every moment', async t => {
  const { ask, budget } = aBudget({ localAddresses: two })
  for (let count = 0; count < 10; count++) {
    ask('payments')
    const [first, second] = budget.remaining()
    t.ok(Math.abs((first?.used ?? 0) - (second?.used ?? 0)) <= 1)
  }
})

t.test('with several addresses, each refusal tells of the first place of any of them', async t => {
  const { budget, clock, ask } = aBudget({ requests: 1, localAddresses: two, maxWaitMs: 1000 })
  budget.done(ask('payments').ticket, 'answered')
  clock.advance(500)
  budget.done(ask('payments').ticket, 'answered')
  clock.advance(6500)
  t.equal(ask('payments').outcome, 3)
  clock.advance(2500)
  const asked = [ask('payments'), ask('payments'), ask('payments')]
  t.equal(asked[2]?.outcome, 10)
  clock.advance(1000)
  t.same(
    asked.slice(0, 2).map(({ at, ticket }) => [at, ticket.egress]),
    [
      [10_000, two[0]],
      [10_500, two[1]],
    ],
  )
})

t.test('an address that was answered 429 takes nothing until then, and the other one goes on', async t => {
  const { budget, clock, ask } = aBudget({ localAddresses: two })
  ask('payments')
  budget.noteThrottled('127.0.0.2', 4)
  t.equal(budget.remaining()[0]?.remaining, 0)
  const egresses = Array.from({ length: 3 }, () => ask('payments').ticket.egress)
  t.same(egresses, ['127.0.0.3', '127.0.0.3', '127.0.0.3'])
  clock.advance(3999)
  t.equal(ask('payments').ticket.egress, '127.0.0.3')
  clock.advance(1)
  t.ok((budget.remaining()[0]?.remaining ?? 0) < 10)
})

t.test('a request that waits for a closed address has its turn when it opens', async t => {
  const { budget, clock, ask, fill } = aBudget({ requests: 100 })
  fill('payments', 5)
  budget.noteThrottled('', 1)
  const asked = ask('payments')
  t.equal(asked.outcome, 'waits')
  clock.advance(1000)
  t.same([asked.outcome, asked.at, asked.ticket.egress], ['turn', 1000, ''])
})

t.test('without word of how long, an address stays closed for ten seconds', async t => {
  const { budget, clock, ask, fill } = aBudget({ requests: 100, windowSec: 300 })
  fill('payments', 5)
  budget.noteThrottled('')
  t.equal(ask('payments').outcome, 10)
  clock.advance(8999)
  t.equal(ask('payments').outcome, 2)
  clock.advance(1000)
  t.equal(budget.remaining()[0]?.remaining, 0)
  clock.advance(1)
  t.equal(ask('payments').outcome, 'turn')
})

t.test('no answer closes an address for longer than a window', async t => {
  const { budget, clock, ask } = aBudget()
  budget.noteThrottled('', 1_000_000)
  t.equal(ask('payments').outcome, 10)
  clock.advance(10_000)
  t.equal(ask('payments').outcome, 'turn')
})

t.test('after a 429 with fifty in use, no more than 45 are in use at a time', async t => {
  const { budget, clock, fill } = aBudget({ requests: 100 })
  fill('payments', 50)
  budget.noteThrottled('', 1)
  clock.advance(1000)
  t.equal(fill('payments', 100), 0)
  clock.advance(8999)
  t.equal(budget.remaining()[0]?.remaining, 0)
  clock.advance(1)
  // A window has passed without another 429: ten are tried on top.
  t.equal(fill('payments', 100), 55)
})

t.test('however little was in use when a 429 came, a tenth of the allowance is left', async t => {
  const { budget, clock, fill } = aBudget({ requests: 100 })
  fill('payments', 5)
  budget.noteThrottled('', 1)
  clock.advance(1000)
  t.equal(fill('payments', 100), 5)
})

t.test('several 429 at once are one lesson', async t => {
  const { budget, clock, fill } = aBudget({ requests: 100, windowSec: 300 })
  fill('payments', 50)
  for (let count = 0; count < 5; count++) budget.noteThrottled('', 1)
  clock.advance(1500)
  budget.noteThrottled('', 1)
  clock.advance(298_500)
  t.equal(fill('payments', 100), 55)
})

t.test('a longer word from the upstream extends the closing, a shorter one does not cut it', async t => {
  const { budget, clock, ask } = aBudget({ windowSec: 300 })
  budget.noteThrottled('', 5)
  budget.noteThrottled('', 20)
  budget.noteThrottled('', 2)
  clock.advance(19_999)
  t.equal(budget.remaining()[0]?.remaining, 0)
  clock.advance(1)
  t.equal(ask('payments').outcome, 'turn')
})

t.test('what is in use beyond a smaller allowance runs out before anything is sent', async t => {
  const { budget, clock, fill } = aBudget({ requests: 10 })
  fill('payments', 4)
  clock.advance(2000)
  fill('payments', 4)
  budget.setAllowance('', 5)
  t.same(budget.remaining(), [{ egress: '', remaining: 0, used: 8, allowance: 5 }])
  t.equal(fill('payments', 1), 0)
  clock.advance(8000)
  t.equal(fill('payments', 2), 1)
})

t.test('a larger allowance is there at once, for those who wait first', async t => {
  const { budget, clock, ask, fill } = aBudget({ requests: 2 })
  fill('payments', 2)
  clock.advance(9500)
  const asked = ask('payments')
  budget.setAllowance('', 3)
  t.match(asked, { outcome: 'turn', at: 9500 })
  t.same(budget.remaining(), [{ egress: '', remaining: 0, used: 3, allowance: 3 }])
})

t.test('an allowance of nothing sends nothing, and tells to come back after a window', async t => {
  const { budget, ask } = aBudget({ requests: 10 })
  budget.setAllowance('', 0)
  t.equal(ask('payments').outcome, 10)
  budget.setAllowance('', 1)
  t.equal(ask('payments').outcome, 'turn')
})

t.test('an address that is not ours is a caller’s mistake', async t => {
  const { budget } = aBudget({ localAddresses: two })
  t.throws(() => budget.setAllowance('127.0.0.4', 1), TypeError)
  t.throws(() => budget.noteThrottled(''), TypeError)
})

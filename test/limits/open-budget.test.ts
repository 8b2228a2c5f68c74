import t from 'tap'
import { createOpenBudget } from '../../src/limits/open-budget.ts'

function turns(localAddresses: readonly string[], count: number): string[] {
  const budget = createOpenBudget(localAddresses)
  const egresses: string[] = []
  for (let index = 0; index < count; index++) {
    const ask = {
      class: 'polling',
      session: 'a',
      onTurn: ({ egress }: { egress: string }) => void egresses.push(egress),
      onRefused: () => {},
    } as const
    const ticket = budget.enter(ask)
    budget.done(ticket, 'answered')
    budget.leave(ticket)
  }
  return egresses
}

t.test('without a limit each request has its turn at once, from each address by turns', async t => {
  t.same(turns(['one', 'two'], 5), ['one', 'two', 'one', 'two', 'one'])
})

t.test('without addresses the system chooses', async t => {
  t.same(turns([], 2), ['', ''])
})

t.test('without a limit nothing is counted, and a request may be sent again', async t => {
  const budget = createOpenBudget([])
  budget.noteThrottled('', 5)
  budget.setAllowance('', 0)
  t.same(budget.remaining(), [])
  t.equal(budget.waiting, 0)
  t.equal(budget.charge({ egress: '' }), true)
})

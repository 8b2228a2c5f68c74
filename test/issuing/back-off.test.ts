import t from 'tap'
import type { ForageFault } from '../../src/forage/forage-fault.ts'
import { createBackOff } from '../../src/issuing/back-off.ts'

const unsent: ForageFault = { fault: 'unreachable', mayHaveTakenEffect: false }
const unanswered: ForageFault = { fault: 'timeout', mayHaveTakenEffect: true }

const rows: readonly (readonly [what: string, fault: ForageFault, pauses: readonly number[]])[] = [
  ['nothing was sent', unsent, [1, 2, 4, 8, 16, 30, 30, 30]],
  ['nothing was answered', unanswered, [1, 2, 4, 8, 16, 32, 64, 120, 120]],
  [
    'the credentials were refused',
    { ...unsent, fault: 'credentials_refused' },
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 300],
  ],
  ['the merchant was refused', { ...unsent, fault: 'merchant_refused' }, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]],
  ['there are too many tokens', { ...unsent, fault: 'token_limit' }, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]],
  ['Forage asks for ten seconds', { ...unsent, fault: 'throttled', retryAfterSec: 10 }, [10, 10, 10, 10, 16, 30]],
]
for (const [what, fault, pauses] of rows) {
  t.test(`where ${what} the pauses double up to their longest`, async t => {
    const backOff = createBackOff(() => 1)
    t.same(
      pauses.map(() => backOff.next(fault)),
      pauses,
    )
  })
}

t.test('chance takes up to half of a pause, and a success begins anew', async t => {
  const backOff = createBackOff(() => 0)
  t.same([backOff.next(unsent), backOff.next(unsent), backOff.next(unsent)], [0.5, 1, 2])
  backOff.reset()
  t.equal(backOff.next(unsent), 0.5)
})

t.test('a thousand failures do not make a pause without end', async t => {
  const backOff = createBackOff(() => 1)
  for (let count = 0; count < 2000; count++) backOff.next(unsent)
  t.equal(backOff.next(unsent), 30)
})

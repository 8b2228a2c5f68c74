import t from 'tap'
import { createRejectedTokens } from '../../src/session/rejected-tokens.ts'

const now = 1_800_000_000

t.test('a text that was refused is known, and no other text', async t => {
  const rejected = createRejectedTokens()
  t.equal(rejected.has('one'), false)
  rejected.add('one', now + 900, now)
  t.equal(rejected.has('one'), true)
  t.equal(rejected.has('one '), false)
  t.equal(rejected.has(''), false)
})

t.test('a text is forgotten once its token is over, and not a second before', async t => {
  const rejected = createRejectedTokens()
  rejected.add('one', now + 10, now)
  rejected.add('two', now + 900, now + 9)
  t.equal(rejected.has('one'), true)
  rejected.add('three', now + 900, now + 10)
  t.equal(rejected.has('one'), false)
  t.equal(rejected.size, 2)
})

t.test('a text that is over already is not remembered', async t => {
  const rejected = createRejectedTokens()
  rejected.add('one', now, now)
  t.equal(rejected.size, 0)
})

t.test('above the bound the oldest goes first', async t => {
  const rejected = createRejectedTokens(2)
  for (const text of ['a', 'b', 'c']) rejected.add(text, now + 900, now)
  t.same(
    ['a', 'b', 'c'].map(text => rejected.has(text)),
    [false, true, true],
  )
  t.equal(rejected.size, 2)
})

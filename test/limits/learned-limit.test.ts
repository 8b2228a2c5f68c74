import t from 'tap'
import { LearnedLimit } from '../../src/limits/learned-limit.ts'

t.test('nothing learned, the limit is the allowance', async t => {
  t.equal(new LearnedLimit(1000).of(900, 5), 900)
})

t.test(
  'after a 429 the limit is nine tenths of what was in use, and a tenth of the allowance comes back each window',
  async t => {
    const learned = new LearnedLimit(1000)
    learned.lower(900, 500, 200)
    t.same(
      [200, 1199, 1200, 2199, 2200, 3200, 5199, 5200].map(now => learned.of(900, now)),
      [450, 450, 540, 540, 630, 720, 810, 900],
    )
  },
)

t.test('windows that went by unseen are made up for', async t => {
  const learned = new LearnedLimit(1000)
  learned.lower(100, 50, 0)
  t.equal(learned.of(100, 3500), 75)
  t.equal(learned.of(100, 4000), 85)
})

t.test('a second 429 goes on from what was learned', async t => {
  const learned = new LearnedLimit(1000)
  learned.lower(100, 80, 0)
  learned.lower(100, 90, 10)
  t.equal(learned.of(100, 10), 64)
})

t.test('it never falls below a tenth of the allowance, nor rises by less than one', async t => {
  const learned = new LearnedLimit(1000)
  learned.lower(5, 0, 0)
  t.same([learned.of(5, 0), learned.of(5, 1000)], [1, 2])
})

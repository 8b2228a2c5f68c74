import t from 'tap'
import { ceilingsOf, sessionShare } from '../../src/limits/tiers.ts'

t.test('the ceilings of the documented limit', async t => {
  t.same(ceilingsOf(900), [900, 810, 765, 450, 180])
})

t.test('a small budget leaves each tier at least one place, and no budget leaves none', async t => {
  t.same(ceilingsOf(3), [3, 2, 2, 1, 1])
  t.same(ceilingsOf(1), [1, 1, 1, 1, 1])
  t.same(ceilingsOf(0), [0, 0, 0, 0, 0])
})

t.test('the share of a session is three in a hundred, and at least twenty', async t => {
  t.same([900, 700, 699, 10].map(sessionShare), [27, 21, 20, 20])
})

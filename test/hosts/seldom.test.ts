import t from 'tap'
import { seldom } from '../../src/hosts/seldom.ts'

t.test('one call in a while gets through, and tells how many did not', async t => {
  let now = 1000
  const told: [string, number][] = []
  const tell = seldom<string>(
    100,
    (value, keptBack) => told.push([value, keptBack]),
    () => now,
  )
  for (const [at, value] of [
    [1000, 'first'],
    [1001, 'kept'],
    [1099, 'kept'],
    [1100, 'second'],
    [1300, 'third'],
  ] as const) {
    now = at
    tell(value)
  }
  t.same(told, [
    ['first', 0],
    ['second', 2],
    ['third', 0],
  ])
})

t.test('the clock is the monotonic one by default', async t => {
  const told: number[] = []
  const tell = seldom<number>(60_000, value => told.push(value))
  tell(1)
  tell(2)
  t.same(told, [1])
})

import t from 'tap'
import { createRateLimit, type RateLimit, type RateLimitOptions } from '../../src/limits/rate-limit.ts'

function aRateLimit(options: Partial<RateLimitOptions> = {}): { clock: { now: number }; limit: RateLimit } {
  const clock = { now: 0 }
  return { clock, limit: createRateLimit({ requests: 3, windowSec: 60, now: () => clock.now, ...options }) }
}

t.test('the third request of three passes, the fourth waits for the end of the window', async t => {
  const { limit } = aRateLimit()
  t.same(
    [1, 2, 3, 4].map(() => limit.admit('a')),
    [0, 0, 0, 60],
  )
  t.equal(limit.admit('b'), 0)
})

t.test('the window begins with the first request and ends for the one that comes when it said so', async t => {
  const { clock, limit } = aRateLimit()
  clock.now = 500
  for (let count = 0; count < 3; count++) limit.admit('a')
  clock.now = 59_501
  t.equal(limit.admit('a'), 1)
  clock.now = 60_499
  t.equal(limit.admit('a'), 1)
  clock.now = 60_500
  t.equal(limit.admit('a'), 0)
})

t.test('a request that is refused is not counted', async t => {
  const { clock, limit } = aRateLimit({ requests: 1 })
  limit.admit('a')
  clock.now = 59_999
  limit.admit('a')
  clock.now = 60_000
  t.same([limit.admit('a'), limit.admit('a')], [0, 60])
})

t.test('a look does not count, and a count does not ask', async t => {
  const { clock, limit } = aRateLimit()
  t.same(
    [1, 2, 3, 4].map(() => limit.check('a')),
    [0, 0, 0, 0],
  )
  t.equal(limit.size, 0)
  for (let count = 0; count < 3; count++) {
    t.equal(limit.check('a'), 0)
    limit.count('a')
  }
  t.equal(limit.check('a'), 60)
  clock.now = 60_000
  t.equal(limit.check('a'), 0)
})

t.test('a request that is taken back leaves its place to another, and one of nobody leaves none', async t => {
  const { limit } = aRateLimit({ requests: 1 })
  t.equal(limit.admit('a'), 0)
  limit.takeBack('a')
  limit.takeBack('b')
  t.same([limit.admit('a'), limit.admit('a'), limit.admit('b'), limit.admit('b')], [0, 60, 0, 60])
})

t.test('a flood of keys is bounded, and who keeps coming is not forgotten by it', async t => {
  const { limit } = aRateLimit({ maxKeys: 100 })
  for (let count = 0; count < 3; count++) limit.admit('loud')
  for (let key = 0; key < 10_000; key++) {
    limit.admit(`key ${key}`)
    if (key % 50 === 0) t.equal(limit.admit('loud'), 60)
  }
  t.equal(limit.size, 100)
})

t.test('without a clock of the caller’s the time is the process’s own', async t => {
  const limit = createRateLimit({ requests: 1, windowSec: 1000 })
  t.same([limit.admit('a'), limit.admit('a')], [0, 1000])
})

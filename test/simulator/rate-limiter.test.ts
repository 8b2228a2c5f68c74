import t from 'tap'
import { RateLimiter } from '../../src/simulator/rate-limiter.ts'
import { startBench } from '../fixtures/simulator-client.ts'

t.test('the 899th and the 900th request in five minutes pass, the 901st waits for the window', async t => {
  const clock = { now: 1000 }
  const limiter = new RateLimiter({ requests: 900, windowSec: 300 }, () => clock.now)
  const results: (number | null)[] = []
  for (let count = 1; count <= 901; count += 1) results.push(limiter.refuse('a'))
  t.same(results.slice(898), [null, null, 300])
  t.equal(limiter.refuse('b'), null)
  clock.now = 1299.5
  t.equal(limiter.refuse('a'), 1)
  clock.now = 1300
  t.equal(limiter.refuse('a'), null)
})

t.test('the window slides: each request frees its own place', async t => {
  const clock = { now: 0 }
  const limiter = new RateLimiter({ requests: 2, windowSec: 10 }, () => clock.now)
  const results: (number | null)[] = []
  for (const now of [0, 6, 7, 10, 11, 16]) {
    clock.now = now
    results.push(limiter.refuse('a'))
  }
  t.same(results, [null, null, 3, null, 5, null])
})

t.test('a limit of no requests at all refuses the first', async t => {
  t.equal(new RateLimiter({ requests: 0, windowSec: 10 }, () => 0).refuse('a'), 10)
})

t.test('without a limit everything passes', async t => {
  const limiter = new RateLimiter(null, () => 0)
  for (let count = 0; count < 1000; count += 1) limiter.refuse('a')
  t.equal(limiter.refuse('a'), null)
})

t.test('over the wire the default is 900 requests, whatever they ask for', async t => {
  const { simulator, clock } = await startBench(t)
  const statuses = new Map<number, number>()
  for (let count = 0; count < 900; count += 1) {
    const { status } = await fetch(`${simulator.url}/nothing/`)
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  t.same([...statuses], [[404, 900]])
  const refused = await fetch(`${simulator.url}/api/payments/`)
  t.same([refused.status, refused.headers.get('retry-after')], [429, '300'])
  t.equal(
    await refused.text(),
    '{"path":"/api/payments/","errors":[{"code":"too_many_requests","message":"Request was throttled, please try again later.","source":{"resource":"","ref":""}}]}',
  )
  t.equal((await fetch(`${simulator.url}/__simulator/state`)).status, 200)
  clock.now += 300
  t.equal((await fetch(`${simulator.url}/nothing/`)).status, 404)
})

// Only Linux routes all of 127.0.0.0/8 to this machine without being told to.
t.test('each address has its own limit', { skip: process.platform !== 'linux' }, async t => {
  const { ask } = await startBench(t, { rateLimit: { requests: 1, windowSec: 60 } })
  const path = '/api/payments/'
  t.equal((await ask({ path })).status, 200)
  t.equal((await ask({ path, fields: { 'X-Forwarded-For': '10.0.0.1' } })).status, 429)
  t.equal((await ask({ path, localAddress: '127.0.0.2' })).status, 200)
})

t.test('null is no limit over the wire', async t => {
  const { simulator } = await startBench(t, { rateLimit: null })
  for (let count = 0; count < 901; count += 1) {
    const { status } = await fetch(`${simulator.url}/nothing/`)
    if (status !== 404) t.fail(`request ${count} was answered ${status}`)
  }
})

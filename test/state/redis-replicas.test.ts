import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { LedgerEntry } from '../../src/session/ledger.ts'
import { saySame } from '../../src/session/merge-entries.ts'
import type { Revocation } from '../../src/session/revocations.ts'
import type { SharedState } from '../../src/state/shared-state.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { startRedis } from '../fixtures/redis-server.ts'
import { aDigest, aLedgerEntry, aRedisState, until } from '../fixtures/redis-state.ts'

const skip = missingPart('redis-server')
const seconds = () => Date.now() / 1000
const revocationKey = 'forage-gateway:{sandbox.default}:revocations'

t.test('two replicas', { skip }, async t => {
  const redis = await startRedis(t)
  const [one, two] = [await aRedisState(t, { url: redis.url }), await aRedisState(t, { url: redis.url })]

  t.test('count each other', async t => {
    await until('both see two', () => one.replicas === 2 && two.replicas === 2)
    t.equal(one.replicas, 2)
  })

  t.test('know what the other recorded', async t => {
    const entry = aLedgerEntry()
    await one.ledger.record(entry)
    t.same(await two.ledger.find(entry.digest), entry)
  })

  t.test('narrow one record together, whoever is first, and tell each other what it is', async t => {
    const entry = aLedgerEntry()
    const told: LedgerEntry[] = []
    for (const each of [one, two]) each.ledger.onMerged(merged => told.push(merged))
    const scopesAnd = (...scopes: string[]) => ({ ...entry, provenance: { ...entry.provenance, scopes } })
    await one.ledger.record(scopesAnd('a', 'b', 'c', 'd'))
    t.same(await two.ledger.record(scopesAnd('b', 'c', 'd', 'e')), scopesAnd('b', 'c', 'd'))
    await Promise.all([one.ledger.record(scopesAnd('b', 'c')), two.ledger.record(scopesAnd('c', 'd'))])
    t.same(await one.ledger.find(entry.digest), scopesAnd('c'))
    await until('both are told of the last', () => told.filter(each => saySame(each, scopesAnd('c'))).length >= 2)
    const other = { ...entry, provenance: { ...entry.provenance, merchantAccount: 'another' } }
    t.same(await two.ledger.record(other), scopesAnd('c'), 'what contradicts it changes nothing')
  })

  t.test('tell each other of revocations, once each, in well under a second', async t => {
    const told: (readonly [Revocation, number])[] = []
    two.revocations.onAdded((...each) => told.push(each))
    const now = Math.floor(seconds())
    const token = { token: aDigest(), expiresAt: now + 900 }
    const began = performance.now()
    t.equal(await one.revocations.add(token, now), 'revoked')
    await one.revocations.add({ useCase: 'checkout' }, now + 0.9)
    await until('both are told', () => told.length === 2)
    const took = performance.now() - began
    t.ok(took < 1000, `${took} ms`)
    t.same(told, [
      [token, 0],
      [{ useCase: 'checkout' }, now],
    ])
  })

  t.test('count limits together', async t => {
    const rate = { requests: 2, windowSec: 60 }
    t.equal(await one.limits.consume('a client', rate), 0)
    t.equal(await two.limits.consume('a client', rate), 0)
    t.ok((await one.limits.consume('a client', rate)) > 0)
    t.ok((await two.limits.consume('a client', rate)) > 0)
  })

  t.test('do not see what another environment or another namespace has', async t => {
    const entry = aLedgerEntry()
    await one.ledger.record(entry)
    for (const other of [{ environment: 'prod' }, { namespace: 'other' }] as const) {
      const stranger = await aRedisState(t, { url: redis.url, ...other })
      t.equal(await stranger.ledger.find(entry.digest), undefined)
      t.same(stranger.revocations.known(), [])
      t.equal(stranger.replicas, 1)
    }
  })

  t.test('one that says goodbye is forgotten after a while, and leaves no trace of its own', async t => {
    await two.close()
    await until('one is alone', () => one.replicas === 1)
    const keys = await (await redis.look()).keys('*writes*')
    t.equal(keys.filter(key => key.startsWith('forage-gateway:{sandbox.default}')).length, 1)
  })
})

t.test('a message that is lost is made up for by the next beat', { skip }, async t => {
  const redis = await startRedis(t)
  const state = await aRedisState(t, { url: redis.url })
  const told: Revocation[] = []
  state.revocations.onAdded(revocation => told.push(revocation))
  const look = await redis.look()
  const text = JSON.stringify(['useCase', 'checkout', Math.floor(seconds())])
  await look.zadd(revocationKey, Date.now() * 1000, text)
  await until('it is told', () => told.length === 1)
  t.same(told, [{ useCase: 'checkout' }])
  await look.zrem(revocationKey, text)
  await look.zadd(revocationKey, 1, JSON.stringify(['useCase', 'balance', Math.floor(seconds())]))
  await until('it is told, though its version is lower', () => told.length === 2)
})

t.test('a thousand revocations are read page by page', { skip }, async t => {
  const redis = await startRedis(t)
  const one = await aRedisState(t, { url: redis.url, commandTimeoutMs: 5000, connectTimeoutMs: 5000 })
  const expiresAt = Math.ceil(seconds()) + 900
  await Promise.all(Array.from({ length: 1001 }, () => one.revocations.add({ token: aDigest(), expiresAt }, seconds())))
  const two = await aRedisState(t, { url: redis.url })
  t.equal(two.revocations.known().length, 1001)
})

t.test('a full list is reported, here and in Redis', { skip }, async t => {
  const redis = await startRedis(t)
  const one = await aRedisState(t, { url: redis.url, maxRevocations: 2 })
  const two = await aRedisState(t, { url: redis.url, maxRevocations: 3 })
  const expiresAt = Math.ceil(seconds()) + 900
  const add = (state: SharedState) => state.revocations.add({ token: aDigest(), expiresAt }, seconds())
  t.equal(await add(two), 'revoked')
  t.equal(await add(two), 'revoked')
  t.equal(await add(two), 'revoked')
  await until('the first has heard what it has room for', () => one.revocations.known().length === 2)
  t.equal(await add(one), 'full')
  const three = await aRedisState(t, { url: redis.url, maxRevocations: 3, namespace: 'default' })
  t.equal(await add(three), 'full')
  t.equal(await add(await aRedisState(t, { url: redis.url, maxRevocations: 4 })), 'revoked')
})

t.test('revocations that have ended make room in Redis', { skip }, async t => {
  const redis = await startRedis(t)
  const look = await redis.look()
  const ended = JSON.stringify(['token', aDigest(), Math.floor(seconds()) - 100])
  const ends = 'forage-gateway:{sandbox.default}:revocation-ends'
  await look.zadd(revocationKey, 1, ended)
  await look.zadd(ends, Date.now() - 100_000, ended)
  const state = await aRedisState(t, { url: redis.url })
  t.same(state.revocations.known(), [], 'it is of no use to anybody')
  await state.revocations.add({ useCase: 'checkout' }, seconds())
  t.equal(await look.zcard(revocationKey), 1)
  t.equal(await look.zcard(ends), 1)
})

t.test('the budget of replicas', { skip }, async t => {
  const redis = await startRedis(t)
  const egress = '127.0.0.2'
  const ask = (state: SharedState, used: number, waiting: number, requests = 900) =>
    state.budget.renew({ egress, requests, used, waiting }).then(grant => grant.requests)

  t.test('is parted by need, and one that is late gets its part as requests leave the window', async t => {
    const options = { url: redis.url, namespace: 'parted', beatMs: 60_000 }
    const [one, two] = [await aRedisState(t, options), await aRedisState(t, options)]
    t.equal(await ask(one, 0, 900), 900, 'nobody else is there')
    t.equal(await ask(two, 0, 100), 0, 'nothing is left')
    t.equal(await ask(one, 850, 900), 800, 'what the other waits for is kept')
    t.equal(await ask(two, 0, 100), 0, 'but the first may not know it yet')
    t.equal(await ask(one, 850, 900), 800, 'now it does; it has used more than that')
    t.equal(await ask(two, 0, 100), 50)
    t.equal(await ask(one, 700, 900), 750, 'the second waits for 100 of its part')
    t.equal(await ask(two, 50, 100), 100, 'and has them')
  })

  t.test('is never granted twice: the charge of one that is silent stays', async t => {
    const options = { url: redis.url, namespace: 'silent', beatMs: 60_000, leaseMs: 50 }
    const [one, two] = [await aRedisState(t, options), await aRedisState(t, options)]
    t.equal(await ask(one, 0, 600), 675, '600, and a quarter of the 300 that nobody needs')
    await delay(60)
    t.equal(await ask(two, 0, 900), 225)
    const grant = await two.budget.renew({ egress, requests: 900, used: 225, waiting: 0 })
    t.match(grant, { replicas: 2, usedByOthers: 675 }, 'what it held is taken for used')
  })

  t.test('is free again a window after a replica was last heard of, and at once when it says what it used', async t => {
    const options = { url: redis.url, namespace: 'gone', beatMs: 60_000, leaseMs: 50, budgetWindowMs: 300 }
    const [one, two, three] = [
      await aRedisState(t, options),
      await aRedisState(t, options),
      await aRedisState(t, options),
    ]
    t.equal(await ask(one, 0, 900), 900)
    t.equal(await ask(two, 0, 900), 0)
    await one.budget.leave(egress, 100)
    t.equal(await ask(two, 0, 900), 800)
    await two.close()
    t.equal(await ask(three, 0, 900), 0)
    await until('the window is over', async () => (await ask(three, 0, 900)) === 900)
  })

  t.test('is told of by what each has used, as long as it is heard of', async t => {
    const options = { url: redis.url, namespace: 'used', beatMs: 60_000 }
    const [one, two] = [await aRedisState(t, options), await aRedisState(t, options)]
    await ask(one, 7, 100)
    const grant = await two.budget.renew({ egress, requests: 900, used: 0, waiting: 0 })
    t.match(grant, { usedByOthers: 7 })
  })

  t.test('has the equal part set aside of one that could not renew and went on alone', async t => {
    const own = await startRedis(t)
    const [one, two] = [await aRedisState(t, { url: own.url }), await aRedisState(t, { url: own.url })]
    await until('they see each other', () => one.replicas === 2 && two.replicas === 2)
    await own.kill()
    await t.rejects(ask(one, 0, 1), { code: 'ERR_FORAGE_STATE_AWAY' })
    await own.start()
    await until('both are back', () => [one, two].every(({ health }) => health.status === 'connected'))
    await until('both count again', () => one.replicas === 2 && two.replicas === 2)
    t.equal(await ask(one, 10, 0), 232, 'what it needs, and a quarter of what nobody holds')
    t.equal(await ask(two, 0, 900), 450, 'and the first is taken for holding 450 until it has renewed')
    t.equal(await ask(one, 10, 0), 120)
    t.equal(await ask(two, 0, 900), 668, 'all but what the first may still work with')
  })

  t.test('does not grow for those that saw its charges lost, until the others have told theirs', async t => {
    const namespace = 'lost'
    const options = { url: redis.url, namespace, restoreMs: 60_000 }
    const [one, two] = [await aRedisState(t, options), await aRedisState(t, options)]
    t.equal(await ask(one, 0, 600), 675)
    t.equal(await ask(two, 0, 100), 131, '100, and a quarter of the 125 that are left')
    await (await redis.look()).flushall()
    await until('both have seen it', () => [one, two].every(({ counters }) => counters.reconnects === 1))
    t.equal(await ask(two, 100, 0), 131)
    t.equal(await ask(one, 650, 0), 675)
  })
})

t.test(
  'replicas that come and go start no more than the budget in any window, and nearly all of it',
  { skip },
  async t => {
    const redis = await startRedis(t)
    const [requests, windowMs] = [120, 400]
    const starts: number[] = []
    const options = { url: redis.url, leaseMs: 150, budgetWindowMs: windowMs + 50, commandTimeoutMs: 100 }
    const states = await Promise.all([1, 2, 3].map(() => aRedisState(t, options)))
    const end = performance.now() + 3000
    /** A replica under more load than it can serve. It dies without a word. */
    async function serve(state: SharedState, diesAt: number): Promise<void> {
      const own: number[] = []
      let [allowance, until] = [0, 0]
      while (performance.now() < Math.min(end, diesAt)) {
        const used = own.filter(at => at > performance.now() - windowMs).length
        const asked = performance.now()
        await state.budget.renew({ egress: 'any', requests, used, waiting: 50 }).then(
          grant => {
            ;[allowance, until] = [grant.requests, asked + grant.expiresInMs]
          },
          () => {},
        )
        for (let turn = 0; turn < 5; turn++) {
          const now = performance.now()
          let counted = own.filter(at => at > now - windowMs).length
          for (; counted < allowance && now < until; counted++) {
            own.push(now)
            starts.push(now)
          }
          await delay(3)
        }
      }
    }
    await Promise.all(states.map((state, index) => serve(state, end - 1000 * index)))
    starts.sort((a, b) => a - b)
    let most = 0
    for (const [index, at] of starts.entries()) {
      let last = index
      while (last + 1 < starts.length && (starts[last + 1] as number) < at + windowMs) last++
      most = Math.max(most, last - index + 1)
    }
    t.ok(most <= requests, `${most} of ${requests} in a window`)
    t.ok(starts.length > requests * (3000 / windowMs) * 0.5, `${starts.length} in all`)
  },
)

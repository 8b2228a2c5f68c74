import type { Redis } from 'ioredis'
import t from 'tap'
import { textDigest } from '../../src/session/token-identity.ts'
import { createStateKeys } from '../../src/state/state-keys.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { startRedis } from '../fixtures/redis-server.ts'
import { aDigest, aLedgerEntry, aRedisState } from '../fixtures/redis-state.ts'

const skip = missingPart('redis-server')
const seconds = () => Date.now() / 1000
const keys = createStateKeys('sandbox', 'default')
const away = { code: 'ERR_FORAGE_STATE_AWAY' }

/** Everything that lies in Redis, as text by key. */
async function dump(look: Redis): Promise<Map<string, string>> {
  const contents = new Map<string, string>()
  for (const key of await look.keys('*')) {
    const type = await look.type(key)
    const value =
      type === 'string'
        ? await look.get(key)
        : type === 'hash'
          ? await look.hgetall(key)
          : await look.zrange(key, '0', '-1')
    contents.set(key, JSON.stringify(value))
  }
  return contents
}

t.test('no token, address or name lies in Redis, every key is ours, and every key ends', { skip }, async t => {
  const redis = await startRedis(t)
  const state = await aRedisState(t, { url: redis.url, sealingKey: new Uint8Array(32).fill(1) })
  const token = 'sandbox_CANARY-header.CANARY-claims.CANARY-signature'
  const entry = aLedgerEntry({ digest: textDigest(token) })
  await state.ledger.record(entry)
  await state.revocations.add({ token: textDigest(token), expiresAt: Math.ceil(seconds()) + 900 }, seconds())
  await state.revocations.add({ authenticationToken: textDigest('sandbox_CANARYauthentication') }, seconds())
  await state.limits.consume('CANARY-address', { requests: 60, windowSec: 60 })
  await state.budget.renew({ egress: 'CANARY-egress', requests: 900, used: 1, waiting: 0 })
  await state.secrets?.put('CANARY-use-case', 'sandbox_CANARYauthentication', 60)
  const look = await redis.look()
  const contents = await dump(look)
  t.equal(contents.size, 9)
  for (const [key, value] of contents) {
    t.ok(key.startsWith('forage-gateway:{sandbox.default}:'), key)
    t.notMatch(`${key} ${value}`, /CANARY|checkout|123ab45c67/)
    const ttl = await look.pttl(key)
    t.ok(ttl > 0 && ttl <= 91_000_000, `${key} ends in ${ttl} ms`)
  }
})

t.test('a text that is no digest is refused before it is sent', { skip }, async t => {
  const redis = await startRedis(t)
  const state = await aRedisState(t, { url: redis.url })
  const token = 'sandbox_CANARY-header.CANARY-claims.CANARY-signature'
  await t.rejects(state.ledger.record(aLedgerEntry({ digest: token })), TypeError)
  await t.rejects(state.ledger.find(token), TypeError)
  await t.rejects(state.revocations.add({ token, expiresAt: seconds() + 900 }, seconds()), TypeError)
  await t.rejects(state.revocations.add({ authenticationToken: token }, seconds()), TypeError)
  t.notMatch([...(await dump(await redis.look()))].join(), /CANARY/)
})

t.test('what somebody else puts in place of an entry is neither on record nor unknown', { skip }, async t => {
  const redis = await startRedis(t)
  const look = await redis.look()
  const state = await aRedisState(t, { url: redis.url })
  const entry = aLedgerEntry()
  await state.ledger.record(entry)
  const text = (await look.get(keys.ledger(entry.digest))) as string
  const other = aDigest()
  for (const value of ['', 'garbage', '{}', '[]', 'null', text, `${text} `.repeat(2), text.replace('"v":1', '"v":2')]) {
    await look.set(keys.ledger(other), value)
    await t.rejects(state.ledger.find(other), { ...away, message: 'the shared state is away (UNREADABLE)' }, value)
  }
  await look.del(keys.ledger(other))
  await look.lpush(keys.ledger(other), 'a list')
  await t.rejects(state.ledger.find(other), { ...away, message: 'the shared state is away (WRONGTYPE)' })
  t.equal(state.counters.unreadable, 9)
  const mine = aLedgerEntry({ digest: other })
  t.same(await state.ledger.record(mine), mine, 'and whoever records the token replaces it')
  t.same(await state.ledger.find(other), mine)
  await look.publish(keys.channel, 'record nonsense')
  t.equal(state.health.status, 'connected', 'one key says nothing about the others')
})

t.test(
  'with a sealing key an entry is believed that a replica wrote for this token, and no other',
  { skip },
  async t => {
    const redis = await startRedis(t)
    const look = await redis.look()
    const sealingKey = new Uint8Array(32).fill(1)
    const state = await aRedisState(t, { url: redis.url, sealingKey })
    const [entry, other] = [aLedgerEntry(), aLedgerEntry()]
    await state.ledger.record(entry)
    await look.set(keys.ledger(other.digest), (await look.get(keys.ledger(entry.digest))) as string)
    await t.rejects(state.ledger.find(other.digest), away, 'moved from another token')
    const open = await aRedisState(t, { url: redis.url })
    await open.ledger.record(other)
    await t.rejects(state.ledger.find(other.digest), away, 'written without a key')
    await t.rejects(open.ledger.find(entry.digest), away, 'read without a key')
    const stranger = await aRedisState(t, { url: redis.url, sealingKey: new Uint8Array(32).fill(2) })
    await t.rejects(stranger.ledger.find(entry.digest), away, 'read with another key')
    t.same(await (await aRedisState(t, { url: redis.url, sealingKey })).ledger.find(entry.digest), entry)
  },
)

t.test('secrets: none without a key, and none that was moved or changed', { skip }, async t => {
  const redis = await startRedis(t)
  const look = await redis.look()
  t.equal((await aRedisState(t, { url: redis.url })).secrets, undefined)
  const state = await aRedisState(t, { url: redis.url, sealingKey: new Uint8Array(32).fill(1) })
  await state.secrets?.put('checkout', 'a secret', 60)
  const sealed = (await look.get(keys.secret('checkout'))) as string
  await look.set(keys.secret('balance'), sealed)
  t.equal(await state.secrets?.get('balance'), undefined)
  await look.set(keys.secret('checkout'), sealed.slice(0, -2))
  t.equal(await state.secrets?.get('checkout'), undefined)
  t.equal(state.counters.unreadable, 2)
})

t.test('revocations that are none are passed over, and those beside them hold', { skip }, async t => {
  const redis = await startRedis(t)
  const look = await redis.look()
  const now = Math.floor(seconds())
  const good = ['useCase', 'checkout', now]
  for (const [index, value] of ['garbage', ['useCase', 'future', now + 4000], ['token', 'short', now], good].entries())
    await look.zadd(keys.revocations, index + 1, typeof value === 'string' ? value : JSON.stringify(value))
  const state = await aRedisState(t, { url: redis.url })
  t.same(state.revocations.known(), [[{ useCase: 'checkout' }, now]])
  t.equal(state.counters.unreadable, 3)
  await look.publish(keys.channel, 'garbage')
})

t.test('garbage in a limit or in a budget heals by itself', { skip }, async t => {
  const redis = await startRedis(t)
  const look = await redis.look()
  const state = await aRedisState(t, { url: redis.url })
  await look.set(keys.limit('one', 60), 'garbage')
  t.equal(await state.limits.consume('one', { requests: 1, windowSec: 60 }), 0)
  const report = { egress: 'any', requests: 900, used: 0, waiting: 900 }
  await look.hset(keys.budget('any'), { a: 'garbage', b: '900 0 0 1', c: `900 0 0 ${Date.now() + 9e9}` })
  t.equal((await state.budget.renew(report)).requests, 900)
  await look.set(keys.budget('other'), 'garbage')
  await t.rejects(state.budget.renew({ ...report, egress: 'other' }), away)
  t.equal(state.health.status, 'connected')
})

t.test('what lies in the place of the revocations is no state at all', { skip }, async t => {
  const redis = await startRedis(t)
  const look = await redis.look()
  await look.set(keys.revocations, 'garbage')
  const state = await aRedisState(t, { url: redis.url })
  t.equal(state.health.status, 'away')
})

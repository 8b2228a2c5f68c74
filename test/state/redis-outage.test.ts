import { createServer, type Socket } from 'node:net'
import t from 'tap'
import type { SharedState } from '../../src/state/shared-state.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { freePort, startRedis } from '../fixtures/redis-server.ts'
import { aDigest, aLedgerEntry, aRedisState, until, whenHealth } from '../fixtures/redis-state.ts'

const skip = missingPart('redis-server')
const away = { code: 'ERR_FORAGE_STATE_AWAY' }
const seconds = () => Date.now() / 1000
const persistent = ['--appendonly', 'yes', '--appendfsync', 'always']

/** How many of so many calls, one after the other, are refused since the state is away. */
async function refusals(state: SharedState, calls: number): Promise<number> {
  let refused = 0
  for (let call = 0; call < calls; call++)
    await state.ledger.find(aDigest()).catch(error => {
      if (error.code === away.code) refused++
    })
  return refused
}

t.test('a state that is not there yet comes by itself', { skip }, async t => {
  const redis = await startRedis(t)
  await redis.kill()
  const state = await aRedisState(t, { url: redis.url })
  t.match(state.health, { status: 'away', reason: 'ECONNREFUSED' })
  await t.rejects(state.ledger.find(aDigest()), { ...away, message: 'the shared state is away (ECONNREFUSED)' })
  t.equal(state.counters.failures, 1)
  await redis.start()
  await whenHealth(state, 'connected')
  t.equal(await state.ledger.find(aDigest()), undefined)
  t.equal(state.counters.reconnects, 0, 'it was not there before')
})

t.test('when Redis is killed every call fails at once, and each change is told once', { skip }, async t => {
  const redis = await startRedis(t)
  const state = await aRedisState(t, { url: redis.url })
  const changes: string[] = []
  state.onHealthChange(({ status, reason }) => changes.push(`${status} ${reason}`.trim()))
  await redis.kill()
  await whenHealth(state, 'away')
  const began = performance.now()
  t.equal(await refusals(state, 1000), 1000)
  await t.rejects(state.ledger.record(aLedgerEntry()), away)
  await t.rejects(state.revocations.add({ useCase: 'checkout' }, seconds()), away)
  await t.rejects(state.limits.consume('one', { requests: 1, windowSec: 1 }), away)
  await t.rejects(state.budget.renew({ egress: 'any', requests: 900, used: 0, waiting: 1 }), away)
  t.ok(performance.now() - began < 1000, 'nothing was waited for')
  await redis.start()
  await whenHealth(state, 'connected')
  t.match(changes[0], /^away /)
  t.equal(changes.indexOf('connected'), changes.length - 1)
  t.same(
    changes.filter((change, index) => change === changes[index - 1]),
    [],
    'another reason is news, the same one is not',
  )
  t.equal(state.counters.reconnects, 1)
})

t.test('a Redis that hangs costs one time-out; then it fails at once until it answers again', { skip }, async t => {
  const redis = await startRedis(t)
  const state = await aRedisState(t, { url: redis.url, commandTimeoutMs: 50, beatMs: 60_000 })
  const entry = aLedgerEntry()
  await state.ledger.record(entry)
  redis.hang()
  const began = performance.now()
  await t.rejects(state.ledger.find(entry.digest), { ...away, message: 'the shared state is away (ETIMEDOUT)' })
  const first = performance.now() - began
  t.ok(first >= 45 && first < 300, `the first one took ${first} ms`)
  t.equal(await refusals(state, 1000), 1000)
  t.ok(performance.now() - began - first < 1000, 'the others did not wait, or it would be 50 seconds')
  t.match(state.counters, { timeouts: 1, failures: 0 })
  redis.wake()
  await whenHealth(state, 'connected')
  t.same(await state.ledger.find(entry.digest), entry)
})

t.test('it is closed at once while Redis hangs', { skip }, async t => {
  const redis = await startRedis(t)
  const state = await aRedisState(t, { url: redis.url, commandTimeoutMs: 50, beatMs: 60_000 })
  redis.hang()
  const began = performance.now()
  await state.close()
  t.ok(performance.now() - began < 300, `${performance.now() - began} ms`)
  t.match(state.health, { status: 'away', reason: 'CLOSED' })
  await t.rejects(state.ledger.find(aDigest()), away)
  redis.wake()
})

t.test('it is closed while it is away, and does not come back', { skip }, async t => {
  const redis = await startRedis(t)
  const state = await aRedisState(t, { url: redis.url })
  await redis.kill()
  await whenHealth(state, 'away')
  await state.close()
  await redis.start()
  const look = await redis.look()
  t.equal(await look.dbsize(), 0)
  t.equal(state.health.reason, 'CLOSED')
})

t.test('what could not be written is written when Redis is back, what is known is written back', { skip }, async t => {
  const redis = await startRedis(t)
  const before = aLedgerEntry()
  const during = aLedgerEntry()
  const state = await aRedisState(t, { url: redis.url, ledgerEntries: () => [before, aLedgerEntry({ expiresAt: 1 })] })
  const other = await aRedisState(t, { url: redis.url })
  await state.ledger.record(before)
  const token = { token: aDigest(), expiresAt: Math.ceil(seconds()) + 900 }
  await state.revocations.add({ useCase: 'checkout' }, seconds())
  await until('the other one has heard', () => other.revocations.known().length === 1)
  await redis.kill()
  await Promise.all([state, other].map(each => whenHealth(each, 'away')))
  await t.rejects(state.ledger.record(during), away)
  await t.rejects(state.revocations.add(token, seconds()), away)
  t.equal(state.revocations.known().length, 2, 'it holds here nevertheless')

  await redis.start()
  t.equal(await (await redis.look()).exists('forage-gateway:{sandbox.default}:nothing'), 0, 'it began empty')
  await Promise.all([state, other].map(each => whenHealth(each, 'connected')))
  t.same(await other.ledger.find(before.digest), before)
  t.same(await other.ledger.find(during.digest), during)
  await until('the other one knows both', () => other.revocations.known().length === 2)
  const third = await aRedisState(t, { url: redis.url })
  t.equal(third.revocations.known().length, 2, 'one that comes later reads all')
  t.ok(state.counters.writtenBack >= 3)
})

t.test('with its data Redis is taken as it is', { skip }, async t => {
  const redis = await startRedis(t, { args: persistent })
  let asked = 0
  const state = await aRedisState(t, {
    url: redis.url,
    ledgerEntries: () => {
      asked++
      return []
    },
  })
  const entry = aLedgerEntry()
  await state.ledger.record(entry)
  await state.revocations.add({ all: true }, seconds())
  await redis.kill()
  await whenHealth(state, 'away')
  await redis.start()
  await whenHealth(state, 'connected')
  t.same(await state.ledger.find(entry.digest), entry)
  t.match(state.counters, { writtenBack: 0 })
  t.equal(asked, 0)
})

t.test('from an old snapshot Redis gets back what it has forgotten since', { skip }, async t => {
  const redis = await startRedis(t)
  const entries = Array.from({ length: 5001 }, () => aLedgerEntry())
  const state = await aRedisState(t, { url: redis.url, ledgerEntries: () => entries, connectTimeoutMs: 5000 })
  await state.revocations.add({ useCase: 'checkout' }, seconds())
  await (await redis.look()).save()
  const writes = state.counters.writtenBack
  await state.revocations.add({ useCase: 'balance' }, seconds())
  await redis.kill()
  await whenHealth(state, 'away')
  await redis.start()
  await whenHealth(state, 'connected')
  t.equal(state.counters.writtenBack - writes, 5002, 'all entries, and the one revocation')
  const other = await aRedisState(t, { url: redis.url })
  t.equal(other.revocations.known().length, 2)
  t.same(await other.ledger.find(entries[5000]?.digest as string), entries[5000])
})

t.test('so many entries are kept for a Redis that is away as was said, the last ones', { skip }, async t => {
  const redis = await startRedis(t)
  const state = await aRedisState(t, { url: redis.url, maxUnsaved: 2 })
  await redis.kill()
  await whenHealth(state, 'away')
  const entries = [aLedgerEntry(), aLedgerEntry(), aLedgerEntry()]
  for (const entry of entries) await t.rejects(state.ledger.record(entry), away)
  await redis.start()
  await whenHealth(state, 'connected')
  const found = await Promise.all(entries.map(({ digest }) => state.ledger.find(digest)))
  t.same(found, [undefined, entries[1], entries[2]])
})

t.test('data that somebody deletes is missed with the next beat, and written back', { skip }, async t => {
  const redis = await startRedis(t)
  const entry = aLedgerEntry()
  const state = await aRedisState(t, { url: redis.url, ledgerEntries: () => [entry] })
  await state.ledger.record(entry)
  await state.revocations.add({ useCase: 'balance' }, seconds())
  const reasons: string[] = []
  state.onHealthChange(({ reason }) => reasons.push(reason))
  await (await redis.look()).flushall()
  await until('it is back', () => state.counters.reconnects === 1)
  t.same(reasons, ['DATA_LOST', ''])
  const other = await aRedisState(t, { url: redis.url })
  t.same(await other.ledger.find(entry.digest), entry)
  t.equal(other.revocations.known().length, 1)
})

t.test('after a loss an unknown token is in doubt, not refused, until all have written back', { skip }, async t => {
  const redis = await startRedis(t)
  let monotonic = 0
  const state = await aRedisState(t, { url: redis.url, restoreMs: 5000, beatMs: 60_000, monotonic: () => monotonic })
  const unknown = aDigest()
  await t.rejects(state.ledger.find(unknown), { ...away, message: 'the shared state is away (RESTORING)' })
  t.equal(state.health.status, 'connected')
  monotonic = 4000
  await t.rejects(state.ledger.find(unknown), away)
  monotonic = 5001
  t.equal(await state.ledger.find(unknown), undefined)
  const entry = aLedgerEntry()
  await state.ledger.record(entry)
  monotonic = 0
  t.same(await state.ledger.find(entry.digest), entry, 'what is there is there')
})

for (const [what, reply] of Object.entries({
  'answers OK to everything': '+OK\r\n',
  'refuses everything': "-NOPERM this user has no permissions to run the 'eval' command\r\n",
  'promises a value that never comes': '$1000000\r\n',
  'answers in another protocol': 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n',
  'answers with numbers that cannot be': '*4\r\n$3\r\nNaN\r\n:1\r\n:1\r\n:1\r\n',
  'answers with nested lists': '*1\r\n*1\r\n*1\r\n+x\r\n',
})) {
  for (const kind of ['redis', 'redis+cluster', 'redis+sentinel']) {
    t.test(`${kind}: a server that ${what} is no state, and is not asked in a rush`, async t => {
      let connections = 0
      const open = new Set<Socket>()
      const server = createServer(socket => {
        connections++
        open.add(socket)
        socket.on('data', () => socket.write(reply)).on('error', () => {})
      })
      const port = await freePort()
      await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
      t.teardown(() => {
        for (const socket of open) socket.destroy()
        server.close()
      })
      const url = `${kind}://127.0.0.1:${port}${kind === 'redis+sentinel' ? '/main' : ''}`
      const state = await aRedisState(t, { url, commandTimeoutMs: 50, connectTimeoutMs: 200 })
      t.equal(state.health.status, 'away')
      t.match(state.health.reason, /^[A-Z_]+$/)
      await t.rejects(state.ledger.find(aDigest()), away)
      await until('it was tried twice', () => state.counters.failures + state.counters.timeouts >= 2)
      await state.close()
      t.ok(connections < 20, `${connections} connections`)
    })
  }
}

t.test('a replica that may not be written to is no state, until it is promoted', { skip }, async t => {
  const master = await startRedis(t)
  const replica = await startRedis(t, { args: ['--replicaof', '127.0.0.1', `${master.port}`] })
  const state = await aRedisState(t, { url: replica.url })
  t.match(state.health, { status: 'away', reason: 'READONLY' })
  const look = await replica.look()
  await look.replicaof('NO', 'ONE')
  await whenHealth(state, 'connected')
  const entry = aLedgerEntry()
  await state.ledger.record(entry)
  t.same(await state.ledger.find(entry.digest), entry)

  await look.replicaof('127.0.0.1', `${master.port}`)
  await whenHealth(state, 'away')
  t.ok(state.counters.failures < 10, 'the one beat told; nothing else was tried')
})

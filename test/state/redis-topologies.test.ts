import t, { type Test } from 'tap'
import type { SharedState } from '../../src/state/shared-state.ts'
import { makeCertificate } from '../fixtures/certificate.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { startRedis } from '../fixtures/redis-server.ts'
import {
  aDigest,
  aLedgerEntry,
  aRedisState,
  type RedisStateOverrides,
  until,
  whenHealth,
} from '../fixtures/redis-state.ts'
import { startCluster, startSentinelGroup } from '../fixtures/redis-topologies.ts'

const skip = missingPart('redis-server')
const seconds = () => Date.now() / 1000

/** What two replicas need of each other, whatever Redis is made of. */
async function areOne(t: Test, one: SharedState, two: SharedState): Promise<void> {
  t.match([one.health, two.health], [{ status: 'connected' }, { status: 'connected' }])
  const entry = aLedgerEntry()
  await one.ledger.record(entry)
  t.same(await two.ledger.find(entry.digest), entry)
  const told: unknown[] = []
  two.revocations.onAdded(revocation => told.push(revocation))
  const token = { token: aDigest(), expiresAt: Math.ceil(seconds()) + 900 }
  t.equal(await one.revocations.add(token, seconds()), 'revoked')
  await until('the other one is told', () => told.length > 0)
  t.same(told, [token])
  const report = { egress: '127.0.0.2', requests: 900, used: 0, waiting: 900 }
  t.equal((await one.budget.renew(report)).requests, 900)
  t.equal((await two.budget.renew(report)).requests, 0)
  await until('they see each other', () => one.replicas === 2 && two.replicas === 2)
}

t.test('replicas meet behind a Sentinel, and again at the standby that takes over', { skip }, async t => {
  const { url, master, standby } = await startSentinelGroup(t, t.testdir({}))
  const [one, two] = [await aRedisState(t, { url }), await aRedisState(t, { url })]
  await areOne(t, one, two)
  const entry = aLedgerEntry()
  await one.ledger.record(entry)
  const look = await standby.look()
  await until(
    'the standby has it',
    async () => (await look.exists(`forage-gateway:{sandbox.default}:ledger:${entry.digest}`)) === 1,
  )

  await master.kill()
  await Promise.all([one, two].map(state => whenHealth(state, 'away')))
  await Promise.all([one, two].map(state => whenHealth(state, 'connected')))
  t.same(await two.ledger.find(entry.digest), entry)
  t.equal(one.revocations.known().length, 1)
  t.equal(await two.revocations.add({ useCase: 'checkout' }, seconds()), 'revoked')
  await until('the other one is told', () => one.revocations.known().length === 2)
})

t.test('no Sentinel that answers: the state is away, in one word', { skip }, async t => {
  const redis = await startRedis(t)
  await redis.kill()
  const state = await aRedisState(t, { url: `redis+sentinel://127.0.0.1:${redis.port}/main` })
  t.match(state.health, { status: 'away', reason: /^[A-Z]+$/ })
})

t.test('replicas meet in a Cluster, whichever node they know', { skip }, async t => {
  const url = await startCluster(t)
  const last = url.replace(/\/\/.*,/, '//')
  await areOne(t, await aRedisState(t, { url }), await aRedisState(t, { url: last }))
  // Another environment lies on the other node.
  const [one, two] = [
    await aRedisState(t, { url: last, namespace: 'b' }),
    await aRedisState(t, { url: last, namespace: 'b' }),
  ]
  await areOne(t, one, two)
})

t.test('over TLS, as a user who may do no more than this', { skip }, async t => {
  const certificate = makeCertificate(t.testdir({}), 'redis')
  const own = '~forage-gateway:{sandbox.* &forage-gateway:{sandbox.*'
  const commands =
    'eval evalsha client|setname time get set del incr publish subscribe pexpire pttl zadd zrem zcard zscore zrevrange zrangebyscore zremrangebyscore hset hdel hgetall'
  const allowed = commands.split(' ').map(command => `+${command}`)
  const user = ['--user', 'forage', 'on', '>p@ss/word', ...own.split(' '), ...allowed]
  const redis = await startRedis(t, { certificate, args: [...user, '--user', 'default', 'off'] })
  const tls = { ca: certificate.cert }
  const at = (userinfo: string) => redis.url.replace('//', `//${userinfo}@`)

  t.test('all that is shared is shared', async t => {
    const [one, two] = [
      await aRedisState(t, { url: at('forage:p%40ss%2Fword'), tls }),
      await aRedisState(t, { url: at('forage'), password: 'p@ss/word', tls }),
    ]
    await areOne(t, one, two)
    const rate = { requests: 1, windowSec: 60 }
    t.equal(await one.limits.consume('one', rate), 0)
    t.ok((await two.limits.consume('one', rate)) > 0)
    await one.budget.leave('127.0.0.2', 0)
    await one.close()
    await until('the first one has left', () => two.replicas === 1)
  })

  t.test('another environment is refused to it', async t => {
    const state = await aRedisState(t, { url: at('forage:p%40ss%2Fword'), tls, environment: 'prod' })
    t.match(state.health, { status: 'away', reason: 'NOPERM' })
  })

  t.test('with a wrong password it is away, and nothing repeats the password', async t => {
    const state = await aRedisState(t, { url: at('forage:CANARY-password'), tls })
    t.match(state.health, { status: 'away', reason: 'WRONGPASS' })
    const error = await state.ledger.find(aDigest()).catch(error => error)
    t.equal(error.code, 'ERR_FORAGE_STATE_AWAY')
    t.equal(error.cause, undefined)
    t.notMatch(`${JSON.stringify(state.health)} ${error.stack} ${JSON.stringify(error)}`, /CANARY/)
  })

  t.test('what is renewed while it is away lets it in, without a new start', async t => {
    let renewed: ReturnType<NonNullable<RedisStateOverrides['renewed']>> = { password: 'p@ss/word', tls: {} }
    const state = await aRedisState(t, { url: at('forage'), password: 'old', renewed: () => renewed })
    t.equal(state.health.status, 'away', 'nobody vouches for its certificate')
    renewed = { password: 'old', tls }
    await until('the certificate is good, and the password is not', () => state.health.reason === 'WRONGPASS')
    renewed = { password: 'p@ss/word', tls }
    await until('it is there', () => state.health.status === 'connected')
  })

  t.test('a certificate that nobody vouches for, or of another name, is refused', async t => {
    const url = at('forage:p%40ss%2Fword')
    t.equal((await aRedisState(t, { url })).health.reason, 'DEPTH_ZERO_SELF_SIGNED_CERT')
    const named = await aRedisState(t, { url, tls: { ...tls, servername: 'redis.example' } })
    t.equal(named.health.reason, 'ERR_TLS_CERT_ALTNAME_INVALID')
    // The server answers a refused certificate with an alert, at times after the connection was given up: a second error.
    await until('it was refused often', () => named.counters.failures >= 8)
  })
})

import { setTimeout as later } from 'node:timers/promises'
import t from 'tap'
import { missingPart } from '../fixtures/real-part.ts'
import { type RedisServer, startRedis } from '../fixtures/redis-server.ts'
import { startReplicas } from '../fixtures/replicas.ts'
import { aToken } from '../fixtures/token.ts'
import { until } from '../fixtures/until.ts'

const skip = missingPart('redis-server')
const aFresh = (a: number) => aToken({ claims: { a, exp: Math.floor(Date.now() / 1000) + 600 } })

interface Outage {
  readonly how: string
  readonly args?: readonly string[]
  readonly begin: (redis: RedisServer) => void | Promise<void>
  readonly end: (redis: RedisServer) => void | Promise<void>
}

const outages: readonly Outage[] = [
  { how: 'is killed and comes back empty', begin: redis => redis.kill(), end: redis => redis.start() },
  {
    how: 'is killed and comes back with its data',
    args: ['--appendonly', 'yes', '--appendfsync', 'always'],
    begin: redis => redis.kill(),
    end: redis => redis.start(),
  },
  { how: 'stops and goes on', begin: redis => redis.hang(), end: redis => redis.wake() },
]

for (const { how, args = [], begin, end } of outages) {
  t.test(`under load, while Redis ${how}, no verdict is ever wrong`, { skip, timeout: 60_000 }, async t => {
    const redis = await startRedis(t, { args })
    const { a, b } = await startReplicas(t, redis)
    const [seen, revoked, unseen] = [aFresh(1), aFresh(2), aFresh(3)]
    for (const token of [seen, revoked, unseen]) await a.admin('/tokens', { token })
    for (const token of [seen, revoked]) for (const replica of [a, b]) await replica.read(token)
    await a.admin('/revocations', { token: revoked })
    await until(
      () => b.read(revoked),
      verdict => verdict.startsWith('401'),
    )

    const counts = new Map<string, number>()
    let isOver = false
    const load = Object.entries({ seen, revoked, unseen, forged: aFresh(4) }).map(async ([name, token]) => {
      while (!isOver) {
        const verdict = `${name}: ${await (counts.size % 2 === 0 ? a : b).read(token)}`
        counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
        await later(2)
      }
    })
    await later(300)
    await begin(redis)
    await later(1000)
    await end(redis)
    for (const replica of [a, b]) {
      await until(
        () => replica.admin('/status'),
        status => (status.state as { status: string }).status === 'connected',
      )
      await until(
        () => replica.read(unseen),
        verdict => verdict === '200',
      )
    }
    isOver = true
    await Promise.all(load)
    t.comment(Object.fromEntries(counts))
    const wrong = [...counts.keys()].filter(
      verdict =>
        !/^(?:seen: 200|revoked: 401 invalid_token|unseen: (?:200|503 service_unavailable)|forged: (?:401 invalid_token|503 service_unavailable))$/.test(
          verdict,
        ),
    )
    t.same(wrong, [])
    t.ok((counts.get('seen: 200') ?? 0) > 0)
  })
}

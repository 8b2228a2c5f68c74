import t from 'tap'
import { aConfig } from '../fixtures/config.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { type RedisServer, startRedis } from '../fixtures/redis-server.ts'
import { startReplicas } from '../fixtures/replicas.ts'
import { aToken } from '../fixtures/token.ts'
import { until } from '../fixtures/until.ts'

const skip = missingPart('redis-server')
const exp = () => Math.floor(Date.now() / 1000) + 600
const aFresh = (a: number) => aToken({ claims: { a, exp: exp() } })

t.test('a token that one replica has on record is let in by the other, at once', { skip }, async t => {
  const { a, b } = await startReplicas(t, await startRedis(t))
  for (let count = 0; count < 20; count++) {
    const token = aFresh(count)
    t.equal((await a.admin('/tokens', { token, useCase: 'checkout' })).status, 201)
    t.equal(await b.read(token), '200')
  }
  // An empty Redis may have lost what it had: unknown is only said once the replicas had time to write it back.
  const unknown = aFresh(99)
  await until(
    () => b.read(unknown),
    verdict => verdict === '401 invalid_token',
  )
})

for (const [what, revocation] of [
  ['its token', undefined],
  ['its use case', { useCase: 'checkout' }],
  ['its authentication token', { authenticationToken: 'sandbox_parent' }],
  ['everything', { all: true }],
] as const) {
  t.test(`what is ended on one replica by ${what} is over on the other within a second`, { skip }, async t => {
    const { a, b } = await startReplicas(t, await startRedis(t))
    const token = aFresh(1)
    await a.admin('/tokens', { token, useCase: 'checkout', authenticationToken: 'sandbox_parent' })
    t.equal(await b.read(token), '200')
    t.equal((await a.admin('/revocations', revocation ?? { token })).status, 200)
    const startedAt = performance.now()
    await until(
      () => b.read(token),
      verdict => verdict === '401 invalid_token',
    )
    t.comment(`${Math.round(performance.now() - startedAt)} ms`)
    t.equal(await a.read(token), '401 invalid_token')
  })
}

t.test('replicas together send no more than the budget of the address', { skip }, async t => {
  const { a, b, recorder } = await startReplicas(t, await startRedis(t), {}, 40)
  const tokens = Array.from({ length: 120 }, (_, index) => aFresh(index))
  await a.admin('/tokens', { tokens: tokens.map(token => ({ token })) })
  const verdicts = new Map<string, number>()
  for (const [index, token] of tokens.entries()) {
    const verdict = await (index % 2 === 0 ? a : b).read(token)
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
  }
  t.same([...verdicts.keys()].sort(), ['200', '429 too_many_requests'])
  t.ok(recorder.requests.length <= 40, `${recorder.requests.length} were sent`)
  t.equal(verdicts.get('200'), recorder.requests.length)
})

t.test('a limit on sessions holds over all replicas', { skip }, async t => {
  const limits = { ...aConfig('http://a').limits, perSession: { requests: 4, windowSec: 60 } }
  const { a, b } = await startReplicas(t, await startRedis(t), { limits })
  const token = aFresh(1)
  await a.admin('/tokens', { token })
  const verdicts = []
  for (let count = 0; count < 6; count++) verdicts.push(await (count % 2 === 0 ? a : b).read(token))
  t.same(verdicts, ['200', '200', '200', '200', '429 too_many_requests', '429 too_many_requests'])
})

for (const [how, stop, goOn] of [
  ['killed', (redis: RedisServer) => redis.kill(), (redis: RedisServer) => redis.start()],
  ['hung', async (redis: RedisServer) => redis.hang(), async (redis: RedisServer) => redis.wake()],
] as const) {
  t.test(`while Redis is ${how} nothing is let in that would be refused, and it heals by itself`, { skip }, async t => {
    const redis = await startRedis(t)
    const { a, b, log } = await startReplicas(t, redis)
    const [known, revoked, unseen] = [aFresh(1), aFresh(2), aFresh(3)]
    for (const token of [known, revoked, unseen]) await a.admin('/tokens', { token })
    for (const token of [known, revoked]) t.equal(await b.read(token), '200')
    t.match(await a.admin('/revocations', { token: revoked }), { status: 200, inForce: 'everywhere' })
    await until(
      () => b.read(revoked),
      verdict => verdict.startsWith('401'),
    )
    await stop(redis)
    t.equal(await b.read(known), '200', 'what it has seen stays')
    t.equal(await b.read(revoked), '401 invalid_token', 'a revocation stays')
    t.equal(await b.read(unseen), '503 service_unavailable', 'what it has not seen is not called unknown')
    t.equal(await b.read(aFresh(4)), '503 service_unavailable')
    t.match(await b.admin('/readyz'), { status: 'ready', checks: { state: 'away' } })
    // Recorded and revoked meanwhile, here and there.
    const late = aFresh(5)
    await a.admin('/tokens', { token: late })
    t.match(await a.admin('/revocations', { token: known }), { status: 200, inForce: 'here' })
    t.same([await a.read(known), await b.read(known)], ['401 invalid_token', '200'], 'as the answer says')
    t.equal(await a.read(late), '200')
    await goOn(redis)
    for (const [token, expected] of [
      [late, '200'],
      [unseen, '200'],
      [known, '401 invalid_token'],
      [revoked, '401 invalid_token'],
    ] as const) {
      await until(
        () => b.read(token),
        verdict => verdict === expected,
      )
    }
    t.match(await b.admin('/readyz'), { checks: { state: 'connected' } })
    for (const { gateway } of [a, b]) await gateway.stop()
    t.same(
      log.lines().flatMap(({ event, kind, shared }) => (event === 'sessions_revoked' ? [{ kind, shared }] : [])),
      [
        { kind: 'token', shared: undefined },
        { kind: 'token', shared: false },
      ],
    )
    const told = log.lines().filter(({ event }) => event === 'state_away').length
    // A busy machine may miss a deadline of 50 ms once more; but not a line per request.
    t.ok(told >= 1 && told <= 6, `told ${told} times by two replicas`)
  })
}

t.test('a gateway starts without its Redis, and joins it when it is there', { skip }, async t => {
  const redis = await startRedis(t)
  await redis.kill()
  const { a, b } = await startReplicas(t, redis, {}, 40)
  const token = aFresh(1)
  await a.admin('/tokens', { token })
  t.equal(await a.read(token), '200')
  t.equal(await b.read(token), '503 service_unavailable')
  await redis.start()
  await until(
    () => b.read(token),
    verdict => verdict === '200',
  )
  t.match(await a.admin('/status'), { state: { kind: 'redis', status: 'connected' } })
})

t.test('nothing in Redis tells a token', { skip }, async t => {
  const redis = await startRedis(t)
  const { a } = await startReplicas(t, redis)
  const token = aFresh(1)
  await a.admin('/tokens', {
    token,
    useCase: 'checkout',
    merchantAccount: '123ab45c67',
    authenticationToken: 'sandbox_parent',
  })
  await a.admin('/revocations', { token })
  const look = await redis.look()
  const everything = []
  for (const key of await look.keys('*')) everything.push(key, await look.dump(key).then(String))
  t.ok(everything.length > 4)
  const [, claims = '', signature = ''] = token.split('.')
  for (const part of [token, claims, signature, 'sandbox_parent']) t.notOk(everything.join('\n').includes(part))
})

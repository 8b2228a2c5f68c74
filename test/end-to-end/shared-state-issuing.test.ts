import t from 'tap'
import { parseRedisUrl } from '../../src/state/redis-address.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { at, send } from '../fixtures/http-client.ts'
import { startIssuingGateway } from '../fixtures/issuing-gateway.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { startRedis } from '../fixtures/redis-server.ts'
import { until } from '../fixtures/until.ts'

const skip = missingPart('redis-server')

t.test('what one replica issues another lets in, and what is revoked on one is replaced on both', { skip }, async t => {
  const redis = await startRedis(t)
  const state = { namespace: 'default', redis: { address: parseRedisUrl(redis.url) } }
  const perCaller = { requests: 3, windowSec: 60 }
  const first = await startIssuingGateway(t, { perCaller }, { state })
  const second = await startGateway(t, first.config)
  const { simulator, backendKey, sessionFor, read, admin, signIn, issue } = first
  const headers = (credentials: string) => ({
    Authorization: `Bearer ${credentials}`,
    'Merchant-Account': simulator.merchantAccount,
  })
  const readThere = async (token: string) =>
    (await send({ ...at(second.url), path: '/api/orders/0a1b2c3d4e/', headers: headers(token) })).status
  const issueThere = (credentials: string) =>
    send({ ...at(second.url), method: 'POST', path: '/session_token', headers: headers(credentials) })

  for (let count = 0; count < 10; count++) t.equal(await readThere(await sessionFor('checkout')), 200)
  const old = JSON.parse((await issueThere(backendKey)).text).token
  t.equal(await read(old), '200')
  const before = simulator.liveAuthenticationTokens()
  t.equal(before.length, 4, 'two replicas, two use cases')

  await admin('/revocations', { useCase: 'checkout' })
  await until(
    () => readThere(old),
    status => status === 401,
  )
  await until(
    () => simulator.liveAuthenticationTokens().filter(token => before.includes(token)).length,
    left => left === 2,
  )
  const fresh = JSON.parse((await issueThere(backendKey)).text).token
  t.equal(await readThere(fresh), 200)
  t.equal(await read(fresh), '200')

  // A customer's limit holds over both.
  const customer = signIn()
  const statuses = []
  for (const ask of [issue, issueThere, issue, issueThere]) statuses.push((await ask(customer)).status)
  t.same(statuses, [200, 200, 200, 429])

  // While the state is away each replica goes on by itself.
  await redis.kill()
  t.equal(await read(await sessionFor('balance')), '200')
  t.equal((await issue(signIn({ sub: 'customer-8' }))).status, 200)
})

import t, { type Test } from 'tap'
import { createSessionFetch } from '../../src/client/session-fetch.ts'
import { seededRefs, startSimulator } from '../../src/simulator/simulator.ts'
import { aConfig, aSessionConfig } from '../fixtures/config.ts'
import { startGateway } from '../fixtures/gateway.ts'

const headers = { 'Content-Type': 'application/json' }
const payment = { funding_type: 'ebt_snap', amount: '1.00', payment_method: seededRefs.paymentMethod }
const post = { method: 'POST', headers, body: JSON.stringify(payment) }

/** A simulator, a gateway in ledger mode in front of it, and a merchant's server that puts its tokens on record. */
async function startShop(t: Test) {
  const simulator = await startSimulator({ environment: 'sandbox' })
  t.teardown(() => simulator.close())
  const { url, sessions } = await startGateway(
    t,
    aConfig(simulator.url, { session: aSessionConfig({ verify: 'ledger' }) }),
  )
  const issued: string[] = []
  const getSessionToken = async () => {
    const token = simulator.issueSessionToken()
    sessions.registry.record(token)
    issued.push(token)
    return token
  }
  const revoke = () => sessions.registry.revoke({ token: issued.at(-1) as string })
  /** What the app sent, over the real fetch. */
  const sent: Headers[] = []
  const watched: typeof fetch = (input, init) => {
    sent.push(new Headers(init?.headers))
    return fetch(input, init)
  }
  const callApi = createSessionFetch({ getSessionToken, baseUrl: url, fetch: watched })
  const merchant = { 'Merchant-Account': simulator.merchantAccount }
  const pay = (key?: string) =>
    callApi('/api/payments/', {
      ...post,
      headers: { ...headers, ...merchant, ...(key === undefined ? {} : { 'Idempotency-Key': key }) },
    })
  const readOrder = () => callApi(`/api/orders/${seededRefs.order}/`, { headers: merchant })
  return { simulator, url, issued, revoke, sent, callApi, pay, readOrder, merchant }
}

t.test('an app reads and pays through the gateway with one token', async t => {
  const { issued, pay, readOrder } = await startShop(t)
  const order = await readOrder()
  t.equal(order.status, 200)
  t.match(await order.json(), { ref: seededRefs.order })
  t.equal((await pay()).status, 201)
  t.equal(issued.length, 1)
})

t.test('ten payments whose token was revoked renew it once, and each is made once, under its own key', async t => {
  const { simulator, issued, revoke, sent, pay, readOrder } = await startShop(t)
  await readOrder()
  revoke()
  sent.length = 0
  const keys = Array.from({ length: 10 }, (_, index) => `key-${index}`)
  const answers = await Promise.all(keys.map(pay))
  t.same(
    answers.map(({ status }) => status),
    keys.map(() => 201),
  )
  t.equal(issued.length, 2, 'one renewal')
  const perKey = keys.map(key => sent.filter(fields => fields.get('Idempotency-Key') === key).length)
  t.same(
    perKey,
    keys.map(() => 2),
    'each was sent twice under its key',
  )
  const made = simulator.executions
    .filter(({ method }) => method === 'POST')
    .map(({ idempotencyKey }) => idempotencyKey)
  t.same(made.sort(), keys, 'and executed once')
})

t.test('a payment without a key gets one, and keeps it when it is sent again', async t => {
  const { simulator, revoke, sent, pay, readOrder } = await startShop(t)
  await readOrder()
  revoke()
  t.equal((await pay()).status, 201)
  const [first, second] = sent.slice(1).map(fields => fields.get('Idempotency-Key'))
  t.match(first, /^[0-9a-f-]{36}$/)
  t.equal(second, first)
  t.equal(simulator.executions.at(-1)?.idempotencyKey, first)
})

t.test('a refusal that a new token does not cure is the answer, at once', async t => {
  const { issued, sent, callApi } = await startShop(t)
  const answer = await callApi('/api/sessions/', post)
  t.equal(answer.status, 403)
  t.match(await answer.json(), { errors: [{ code: 'forbidden' }] })
  t.match(answer.headers.get('x-request-id'), /./)
  t.same([issued.length, sent.length], [1, 1])
})

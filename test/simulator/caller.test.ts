import t from 'tap'
import { seededRefs } from '../../src/simulator/simulator.ts'
import { refusal, startBench } from '../fixtures/simulator-client.ts'

const path = `/api/orders/${seededRefs.order}/`
const forbiddenToken = [403, 'forbidden', 'OAuth_Access_Tokens']

t.test('a request without credentials is unauthorized', async t => {
  const { ask } = await startBench(t)
  const reply = await ask({ path, token: null })
  t.same(refusal(reply), [401, 'unauthorized', 'Access Token'])
  t.match(reply.text, '"message":"Authentication credentials were not provided."')
  t.same(refusal(await ask({ path, fields: { Authorization: 'Basic eDp5' } })), [401, 'unauthorized', 'Access Token'])
})

for (const value of ['Bearer', 'Bearer a b', 'Bearer mock_unknown', 'Bearer sandbox_x.y.z', 'Bearer mock_a.b.c']) {
  t.test(`the credentials "${value}" are an invalid token`, async t => {
    const { ask } = await startBench(t)
    t.same(refusal(await ask({ path, fields: { Authorization: value } })).slice(0, 2), [401, 'invalid_token'])
  })
}

t.test('two Authorization lines are one field, and no token', async t => {
  const { simulator, ask } = await startBench(t)
  const line = `Bearer ${simulator.issueSessionToken()}`
  const reply = await ask({ path, fields: { authorization: undefined, Authorization: [line, line] } })
  t.equal(reply.status, 401)
})

t.test('an authentication token of a server may read an order', async t => {
  const { simulator, ask } = await startBench(t)
  t.equal((await ask({ path, token: simulator.issueAuthenticationToken() })).status, 200)
})

for (const name of [
  'X-Forage-Android-Sdk-Version',
  'X-Forage-Ios-Sdk-Version',
  'X_FORAGE_IOS_SDK_VERSION',
  'Origin',
  'Sec-Fetch-Site',
  'Sec-Fetch-Dest',
]) {
  t.test(`an authentication token that comes with ${name} is refused, a session token is not`, async t => {
    const { simulator, ask } = await startBench(t)
    const token = simulator.issueAuthenticationToken()
    t.same(refusal(await ask({ path, token, fields: { [name]: '1' } })), forbiddenToken)
    t.equal((await ask({ path, fields: { [name]: '1' } })).status, 200)
  })
}

t.test('Sec-Fetch-Mode alone is no app: the fetch of Node.js sends it', async t => {
  const { simulator, ask } = await startBench(t)
  const token = simulator.issueAuthenticationToken()
  t.equal((await ask({ path, token, fields: { 'Sec-Fetch-Mode': 'cors' } })).status, 200)
})

const order = seededRefs.order
const payment = seededRefs.payment
const method = seededRefs.paymentMethod

for (const row of [
  'POST /api/session_token/',
  `DELETE /api/payment_methods/${method}/`,
  `POST /api/payments/${payment}/refunds/`,
  `POST /api/payments/${payment}/refunds/collect_pin/`,
  `POST /api/payments/${payment}/refunds/x/void/`,
  'POST /api/orders/',
  `PATCH /api/orders/${order}/`,
  `POST /api/orders/${order}/cancel/`,
  `POST /api/orders/${order}/payments/`,
  `PATCH /api/orders/${order}/payments/${payment}/`,
  `POST /api/orders/${order}/payments/${payment}/cancel/`,
  `POST /api/orders/${order}/refund_all/`,
  `POST /api/orders/${order}/refunds/`,
  `POST /api/orders/${order}/refund_by_product/`,
  `GET /api/orders/${order}/refunds/`,
  `GET /api/orders/${order}/refunds/x/`,
  'POST /api/sessions/',
  'GET /api/sessions/x/',
  'POST /api/capture_sessions/',
  'GET /api/capture_sessions/x/',
  'GET /api/merchants/',
]) {
  t.test(`a session token may not ${row}`, async t => {
    const { simulator, ask } = await startBench(t)
    const [verb = '', target = ''] = row.split(' ')
    t.same(refusal(await ask({ method: verb, path: target })), [403, 'forbidden', 'Session_Token'])
    t.same(simulator.executions, [])
  })
}

for (const row of [
  `GET /api/payment_methods/${method}/`,
  `PATCH /api/payment_methods/${method}/`,
  'GET /api/payments/',
  `GET /api/payments/${payment}/`,
  `PATCH /api/payments/${payment}/`,
  `POST /api/payments/${payment}/cancel/`,
  `GET /api/payments/${payment}/refunds/`,
  `GET /api/orders/${order}/`,
  `GET /api/orders/${order}/payments/`,
  `GET /api/orders/${order}/payments/${payment}/`,
  `GET /api/balance_sessions/${seededRefs.balanceSession}/`,
]) {
  t.test(`a session token may ${row}`, async t => {
    const { ask } = await startBench(t)
    const [verb = '', target = ''] = row.split(' ')
    t.equal((await ask({ method: verb, path: target })).status, 200)
  })
}

t.test('the vault answers in its own shape when there are no credentials', async t => {
  const { ask } = await startBench(t)
  const reply = await ask({ method: 'POST', path: `/proxy/api/payments/${payment}/capture/`, token: null })
  t.equal(reply.status, 401)
  t.equal(reply.text, '{"code":401,"name":"auth_header_malformed","description":"authorization header malformed"}')
})

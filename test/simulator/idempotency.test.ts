import t from 'tap'
import { seededRefs } from '../../src/simulator/simulator.ts'
import { json, refusal, startBench } from '../fixtures/simulator-client.ts'

const fields = { 'Idempotency-Key': 'key-1' }
const body = { funding_type: 'ebt_snap', amount: '1.00', payment_method: seededRefs.paymentMethod }
const post = { method: 'POST', path: '/api/payments/', fields, body }
const cannotChange = [400, 'cannot_change_request', 'Idempotency_Key']

t.test('the same key and body give the same answer, and run once', async t => {
  const { simulator, ask } = await startBench(t)
  const first = await ask(post)
  const second = await ask({ ...post, fields: { 'IDEMPOTENCY-KEY': 'key-1' } })
  t.same([second.status, second.text], [201, first.text])
  t.same(
    simulator.executions.map(({ path, idempotencyKey }) => [path, idempotencyKey]),
    [['/api/payments/', 'key-1']],
  )
})

t.test('the same key with another body is refused', async t => {
  const { ask } = await startBench(t)
  await ask(post)
  t.same(refusal(await ask({ ...post, body: { ...body, amount: '2.00' } })), cannotChange)
})

for (const [name, age, isSame] of [
  ['one second before the day is over', 86_399, true],
  ['after a day', 86_400, false],
  ['a second later', 86_401, false],
] as const) {
  t.test(`a key is ${isSame ? 'known' : 'forgotten'} ${name}`, async t => {
    const { clock, ask } = await startBench(t)
    const first = json(await ask(post)).ref
    clock.now += age
    t.equal(json(await ask(post)).ref === first, isSame)
  })
}

t.test('a key of one path is another key on another path', async t => {
  const { ask } = await startBench(t)
  await ask(post)
  const reply = await ask({ method: 'POST', path: '/api/balance_sessions/', fields, body: {} })
  t.equal(reply.status, 201)
})

t.test('no key, and an empty key, run every time', async t => {
  const { simulator, ask } = await startBench(t)
  for (const key of [undefined, undefined, '', '']) await ask({ ...post, fields: { 'Idempotency-Key': key } })
  t.equal(simulator.executions.length, 4)
})

t.test('a payment method is created each time: its route takes no key', async t => {
  const { simulator, ask } = await startBench(t)
  const method = { type: 'ebt', card: { number: '9999411111111111' } }
  for (let count = 0; count < 2; count += 1) {
    await ask({ method: 'POST', path: '/api/payment_methods/', fields, body: method })
  }
  t.equal(simulator.executions.length, 2)
})

t.test('a wrong PIN can be corrected under the same key, and the capture happens once', async t => {
  const { simulator, ask } = await startBench(t)
  const capture = { method: 'POST', path: `/proxy/api/payments/${seededRefs.payment}/capture/`, fields }
  t.equal((await ask({ ...capture, body: { pin: '5555' } })).status, 400)
  const captured = await ask({ ...capture, body: { pin: '1234' } })
  t.equal(captured.status, 200)
  const again = await ask({ ...capture, body: { pin: '1234' } })
  t.same([again.status, again.text], [200, captured.text])
  t.same(
    simulator.executions.map(({ status }) => status),
    [400, 200],
  )
})

t.test('a refused balance check is not kept', async t => {
  const { ask } = await startBench(t)
  const check = { method: 'POST', path: `/proxy/api/payment_methods/${seededRefs.paymentMethod}/balance/`, fields }
  t.equal((await ask({ ...check, body: { pin: '5555' } })).status, 400)
  t.equal((await ask({ ...check, body: { pin: '1234' } })).status, 200)
})

t.test('a key has at most 255 characters', async t => {
  const { ask } = await startBench(t)
  const withKey = (length: number) => ask({ ...post, fields: { 'Idempotency-Key': 'k'.repeat(length) } })
  t.equal((await withKey(255)).status, 201)
  t.same(refusal(await withKey(256)), [400, 'invalid_input_data', 'Idempotency_Key'])
})

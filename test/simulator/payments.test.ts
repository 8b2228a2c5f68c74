import t from 'tap'
import { seededRefs } from '../../src/simulator/simulator.ts'
import { type Bench, json, refusal, startBench } from '../fixtures/simulator-client.ts'

const post = { method: 'POST', path: '/api/payments/' }
const snap = { funding_type: 'ebt_snap', amount: '20.00', payment_method: seededRefs.paymentMethod }
const cannotCapture = [400, 'cannot_capture_payment', 'Payments']

async function create({ ask }: Bench, body: Record<string, unknown> = snap): Promise<string> {
  const reply = await ask({ ...post, body })
  return json(reply).ref
}

function operate({ ask }: Bench, ref: string, operation: string, body?: unknown, base = '/api') {
  return ask({ method: 'POST', path: `${base}/payments/${ref}/${operation}/`, body })
}

async function addMethod({ ask }: Bench, body: Record<string, unknown>): Promise<string> {
  return json(await ask({ method: 'POST', path: '/api/payment_methods/', body })).ref
}

const creditMethod = {
  type: 'credit',
  card: { number: '4111111111111111', exp_month: 1, exp_year: 2030, security_code: '123' },
}

t.test('a new payment is a draft that expires in thirty minutes', async t => {
  const bench = await startBench(t)
  const body = {
    ...snap,
    amount: 20.5,
    description: 'Groceries',
    metadata: { a: 1 },
    delivery_address: { city: 'X' },
    is_delivery: true,
    customer_id: 'c',
    external_order_id: 'o-1',
  }
  const reply = await bench.ask({ ...post, body })
  t.equal(reply.status, 201)
  const expected = {
    ref: json(reply).ref,
    merchant: '123ab45c67',
    order: null,
    external_order_id: 'o-1',
    customer_id: 'c',
    funding_type: 'ebt_snap',
    amount: '20.50',
    description: 'Groceries',
    metadata: { a: 1 },
    payment_method: seededRefs.paymentMethod,
    delivery_address: { city: 'X' },
    is_delivery: true,
    created: '2025-07-16T14:46:39.000Z',
    updated: '2025-07-16T14:46:39.000Z',
    expires_at: '2025-07-16T15:16:39.000Z',
    status: 'draft',
    last_processing_error: null,
    success_date: null,
    receipt: null,
    refunds: [],
  }
  t.same(json(reply), expected)
  t.same(json(await bench.ask({ path: `/api/payments/${expected.ref}/` })), expected)
})

for (const [name, change] of [
  ['no amount', { amount: undefined }],
  ['an amount of zero', { amount: '0.00' }],
  ['a negative amount', { amount: -1 }],
  ['an amount with three places', { amount: '1.234' }],
  ['an unknown funding type', { funding_type: 'cash' }],
  ['no payment method', { payment_method: undefined }],
  ['a funding type that the card does not have', { funding_type: 'credit_tpp' }],
  ['a description of 1001 characters', { description: 'd'.repeat(1001) }],
  ['metadata that is a text', { metadata: 'm' }],
] as const) {
  t.test(`a payment with ${name} is invalid input`, async t => {
    const { ask } = await startBench(t)
    const reply = await ask({ ...post, body: { ...snap, ...change } })
    t.same(refusal(reply), [400, 'invalid_input_data', 'Payments'])
  })
}

t.test('a payment with an unknown payment method is not found', async t => {
  const { ask } = await startBench(t)
  const reply = await ask({ ...post, body: { ...snap, payment_method: '0000000000' } })
  t.same(refusal(reply), [404, 'resource_not_found', 'Payment_Methods'])
  t.same(refusal(await ask({ path: '/api/payments/0000000000/' })), [404, 'resource_not_found', 'Payments'])
})

t.test('payments are listed, also by the order of the merchant, at most a hundred', async t => {
  const bench = await startBench(t)
  const ref = await create(bench, { ...snap, external_order_id: 'o-1' })
  const some = await bench.ask({ path: '/api/payments/?external_order_id=o-1' })
  t.same(
    JSON.parse(some.text).map((payment: { ref: string }) => payment.ref),
    [ref],
  )
  for (let count = 0; count < 100; count += 1) await create(bench)
  t.equal(JSON.parse((await bench.ask({ path: '/api/payments/' })).text).length, 100)
})

t.test('a draft can be changed, a captured payment cannot', async t => {
  const bench = await startBench(t)
  const path = `/api/payments/${seededRefs.payment}/`
  const body = { amount: '5', description: 'less' }
  t.match(json(await bench.ask({ method: 'PATCH', path, body })), { amount: '5.00', description: 'less' })
  t.match(json(await bench.ask({ method: 'PATCH', path, body: {} })), { amount: '5.00', is_delivery: true })
  t.equal((await operate(bench, seededRefs.payment, 'capture', { pin: '1234' })).status, 200)
  t.same(refusal(await bench.ask({ method: 'PATCH', path, body })), [400, 'invalid_input_data', 'Payments'])
})

for (const base of ['/api', '/proxy/api']) {
  t.test(`the right PIN captures a payment at ${base}`, async t => {
    const bench = await startBench(t)
    const reply = await operate(bench, seededRefs.payment, 'capture', { pin: '1234' }, base)
    t.equal(reply.status, 200)
    t.match(json(reply), {
      status: 'succeeded',
      success_date: '2025-07-16T14:46:39.000Z',
      receipt: { snap_amount: '20.00', ebt_cash_amount: '0.00', other_amount: '0.00' },
    })
    t.same(refusal(await operate(bench, seededRefs.payment, 'capture', { pin: '1234' }, base)), cannotCapture)
  })
}

for (const [name, age, status] of [
  ['one second before its thirty minutes', 1799, 200],
  ['at thirty minutes', 1800, 400],
  ['one second later', 1801, 400],
] as const) {
  t.test(`a payment answers its capture with ${status} ${name}`, async t => {
    const bench = await startBench(t)
    bench.clock.now += age
    t.equal((await operate(bench, seededRefs.payment, 'capture', { pin: '1234' })).status, status)
  })
}

t.test('a wrong PIN fails the payment, which remembers why and may be tried again', async t => {
  const bench = await startBench(t)
  const reply = await operate(bench, seededRefs.payment, 'capture', { pin: '5555' })
  t.same(refusal(reply), [400, 'ebt_error_55', 'Payment_Methods'])
  const failed = json(await bench.ask({ path: `/api/payments/${seededRefs.payment}/` }))
  t.match(failed, { status: 'failed', last_processing_error: 'ebt_error_55' })
  const second = await operate(bench, seededRefs.payment, 'capture', { pin: '1234' })
  t.match(json(second), { status: 'succeeded', last_processing_error: null })
})

t.test('a capture without a PIN is invalid input, and changes nothing', async t => {
  const bench = await startBench(t)
  t.same(refusal(await operate(bench, seededRefs.payment, 'capture')), [400, 'invalid_input_data', 'Payments'])
  t.match(json(await bench.ask({ path: `/api/payments/${seededRefs.payment}/` })), { status: 'draft' })
})

t.test('captures spend the balance until the issuer says that the funds are insufficient', async t => {
  const bench = await startBench(t)
  const first = await create(bench, { ...snap, amount: '499.99' })
  t.equal((await operate(bench, first, 'capture', { pin: '1234' })).status, 200)
  const second = await create(bench, { ...snap, amount: '0.02' })
  const declined = await operate(bench, second, 'capture', { pin: '1234' })
  t.same(refusal(declined), [400, 'ebt_error_51', 'Payment_Methods'])
  const third = await create(bench, { ...snap, amount: '0.01' })
  t.equal((await operate(bench, third, 'capture', { pin: '1234' })).status, 200)
})

t.test('cash is paid from the cash account', async t => {
  const bench = await startBench(t)
  const ref = await create(bench, { ...snap, funding_type: 'ebt_cash', amount: '100' })
  const reply = await operate(bench, ref, 'capture', { pin: '1234' })
  t.match(json(reply), { receipt: { snap_amount: '0.00', ebt_cash_amount: '100.00' } })
})

t.test('a collected PIN answers 204 and allows a deferred capture', async t => {
  const bench = await startBench(t)
  t.same(refusal(await operate(bench, seededRefs.payment, 'capture_payment')), cannotCapture)
  const collected = await operate(bench, seededRefs.payment, 'collect_pin', { pin: '1234' }, '/proxy/api')
  t.same([collected.status, collected.text], [204, ''])
  t.equal(collected.fields['content-length'], undefined)
  t.match(json(await operate(bench, seededRefs.payment, 'capture_payment')), { status: 'succeeded' })
})

t.test('the issuer decides about a deferred capture when it happens', async t => {
  const bench = await startBench(t)
  const method = await addMethod(bench, { type: 'ebt', card: { number: '9999420000000091' } })
  const ref = await create(bench, { ...snap, payment_method: method })
  t.equal((await operate(bench, ref, 'collect_pin', { pin: '1234' })).status, 204)
  t.same(refusal(await operate(bench, ref, 'capture_payment')), [504, 'ebt_error_91', 'Payment_Methods'])
})

t.test('a card payment is authorized and captured without a PIN', async t => {
  const bench = await startBench(t)
  const method = await addMethod(bench, creditMethod)
  const ref = await create(bench, { funding_type: 'credit_tpp', amount: '3.00', payment_method: method })
  t.same(refusal(await operate(bench, ref, 'capture', { pin: '1234' })), cannotCapture)
  t.match(json(await operate(bench, ref, 'authorize')), { status: 'requires_capture' })
  const captured = await operate(bench, ref, 'capture_payment')
  t.match(json(captured), { status: 'succeeded', receipt: { other_amount: '3.00' } })
})

t.test('an EBT payment cannot be authorized', async t => {
  const bench = await startBench(t)
  const reply = await operate(bench, seededRefs.payment, 'authorize')
  t.same(refusal(reply), [400, 'invalid_input_data', 'Payments'])
})

t.test('a payment method that is not reusable pays once', async t => {
  const bench = await startBench(t)
  const method = await addMethod(bench, { type: 'ebt', reusable: false, card: { number: '9999411111111112' } })
  const ref = await create(bench, { ...snap, payment_method: method })
  t.equal((await operate(bench, ref, 'capture', { pin: '1234' })).status, 200)
  const second = await bench.ask({ ...post, body: { ...snap, payment_method: method } })
  t.same(refusal(second), [400, 'card_not_reusable', 'Payment_Methods'])
})

t.test('a cancelled payment cannot be captured', async t => {
  const bench = await startBench(t)
  t.match(json(await operate(bench, seededRefs.payment, 'cancel')), { status: 'canceled' })
  t.same(refusal(await operate(bench, seededRefs.payment, 'capture', { pin: '1234' })), cannotCapture)
})

t.test('a voided payment gives the money back, and a draft cannot be voided', async t => {
  const bench = await startBench(t)
  t.same(refusal(await operate(bench, seededRefs.payment, 'void')), cannotCapture)
  await operate(bench, seededRefs.payment, 'capture', { pin: '1234' })
  t.match(json(await operate(bench, seededRefs.payment, 'void')), { status: 'canceled' })
  const cash = await create(bench, { ...snap, funding_type: 'ebt_cash' })
  await operate(bench, cash, 'capture', { pin: '1234' })
  t.equal((await operate(bench, cash, 'void')).status, 200)
  const balance = await bench.ask({
    method: 'POST',
    path: `/api/payment_methods/${seededRefs.paymentMethod}/balance/`,
    body: { pin: '1234' },
  })
  t.match(json(balance), { balance: { snap: '500.00', non_snap: '100.00' } })
})

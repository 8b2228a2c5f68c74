import t from 'tap'
import { seededRefs } from '../../src/simulator/simulator.ts'
import type { Reply } from '../fixtures/http-client.ts'
import { type Bench, json, refusal, startBench } from '../fixtures/simulator-client.ts'

const payment = `/api/payments/${seededRefs.payment}`
const day = 86_400

/** Starts a simulator whose seeded payment of 20.00 has been captured. */
async function startCaptured(t: Parameters<typeof startBench>[0]): Promise<Bench> {
  const bench = await startBench(t)
  await bench.ask({ method: 'POST', path: `${payment}/capture/`, body: { pin: '1234' } })
  return bench
}

function refund({ simulator, ask }: Bench, body: unknown): Promise<Reply> {
  const token = simulator.issueAuthenticationToken()
  return ask({ method: 'POST', path: `${payment}/refunds/`, token, body })
}

t.test('a refund of a part is listed, read and shown on the payment', async t => {
  const bench = await startCaptured(t)
  const reply = await refund(bench, { amount: '5.00', reason: 'late', metadata: { a: 1 } })
  t.equal(reply.status, 201)
  const { ref } = json(reply)
  t.same(json(reply), {
    ref,
    payment_ref: seededRefs.payment,
    order: seededRefs.order,
    funding_type: 'ebt_snap',
    amount: '5.00',
    reason: 'late',
    metadata: { a: 1 },
    created: '2025-07-16T14:46:39.000Z',
    status: 'succeeded',
    last_processing_error: null,
  })
  t.same(json(await bench.ask({ path: `${payment}/refunds/${ref}/` })), json(reply))
  t.same(json(await bench.ask({ path: `${payment}/refunds/` })), [json(reply)])
  t.same(json(await bench.ask({ path: `${payment}/` })).refunds, [ref])
  t.match(json(await bench.ask({ path: '/api/payments/?with_refunds' })), [{ refunds: [{ ref, amount: '5.00' }] }])
})

t.test('refunds add up to what was paid and not one cent more', async t => {
  const bench = await startCaptured(t)
  t.equal((await refund(bench, { amount: '19.99' })).status, 201)
  t.same(refusal(await refund(bench, { amount: '0.02' })), [400, 'refund_exceeds_order_total', 'Refunds'])
  t.match(json(await refund(bench, {})), { amount: '0.01' })
  t.same(refusal(await refund(bench, {})), [400, 'refund_exceeds_order_total', 'Refunds'])
})

t.test('a refunded payment cannot be voided', async t => {
  const bench = await startCaptured(t)
  await refund(bench, { amount: '1' })
  const reply = await bench.ask({ method: 'POST', path: `${payment}/void/` })
  t.same(refusal(reply), [400, 'invalid_input_data', 'Payments'])
})

t.test('a payment that was not captured cannot be refunded', async t => {
  const reply = await refund(await startBench(t), { amount: '1' })
  t.same(refusal(reply), [400, 'invalid_input_data', 'Refunds'])
})

t.test('a payment can be refunded for ninety days', async t => {
  const bench = await startCaptured(t)
  bench.clock.now += 90 * day
  t.equal((await refund(bench, { amount: '1' })).status, 201)
  bench.clock.now += 1
  t.same(refusal(await refund(bench, { amount: '1' })), [400, 'cannot_refund_after_90_days', 'Refunds'])
})

t.test('a voided refund can be refunded again', async t => {
  const bench = await startCaptured(t)
  const { ref } = json(await refund(bench, {}))
  const token = bench.simulator.issueAuthenticationToken()
  const voiding = { method: 'POST', path: `${payment}/refunds/${ref}/void/`, token }
  t.match(json(await bench.ask(voiding)), { status: 'canceled' })
  t.same(refusal(await bench.ask(voiding)), [400, 'invalid_input_data', 'Refunds'])
  t.match(json(await refund(bench, {})), { amount: '20.00' })
})

t.test('a refund of another payment is not found', async t => {
  const bench = await startCaptured(t)
  const { ref } = json(await refund(bench, {}))
  const body = { funding_type: 'ebt_snap', amount: 1, payment_method: seededRefs.paymentMethod }
  const other = json(await bench.ask({ method: 'POST', path: '/api/payments/', body })).ref
  const missing = [404, 'resource_not_found', 'Refunds']
  t.same(refusal(await bench.ask({ path: `/api/payments/${other}/refunds/${ref}/` })), missing)
  t.same(refusal(await bench.ask({ path: `${payment}/refunds/0000000000/` })), missing)
})

t.test('a terminal refunds through the vault with a session token', async t => {
  const bench = await startCaptured(t)
  const collected = await bench.ask({
    method: 'POST',
    path: `/proxy${payment}/refunds/collect_pin/`,
    body: { pin: '1234' },
  })
  t.equal(collected.status, 204)
  const reply = await bench.ask({ method: 'POST', path: `/proxy${payment}/refunds/`, body: { amount: '2' } })
  t.equal(reply.status, 201)
})

t.test('a refund goes through when its payment method is gone', async t => {
  const bench = await startCaptured(t)
  const token = bench.simulator.issueAuthenticationToken()
  await bench.ask({ method: 'DELETE', path: `/api/payment_methods/${seededRefs.paymentMethod}/`, token })
  t.equal((await refund(bench, {})).status, 201)
})

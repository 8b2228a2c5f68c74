import t from 'tap'
import { seededRefs } from '../../src/simulator/simulator.ts'
import type { Reply } from '../fixtures/http-client.ts'
import { type Bench, json, refusal, startBench } from '../fixtures/simulator-client.ts'

const order = `/api/orders/${seededRefs.order}`

/** Asks as the merchant's server does. */
function asServer({ simulator, ask }: Bench, row: string, body?: unknown): Promise<Reply> {
  const [method = '', path = ''] = row.split(' ')
  return ask({ method, path, body, token: simulator.issueAuthenticationToken() })
}

function capture({ ask }: Bench, ref: string): Promise<Reply> {
  return ask({ method: 'POST', path: `/api/payments/${ref}/capture/`, body: { pin: '1234' } })
}

const newPayment = { funding_type: 'ebt_cash', amount: '3.00', payment_method: seededRefs.paymentMethod }

t.test('the seeded order has the seeded payment', async t => {
  const { ask } = await startBench(t)
  t.match(json(await ask({ path: `${order}/` })), {
    ref: seededRefs.order,
    status: 'draft',
    snap_total: '20.00',
    payments: [seededRefs.payment],
  })
  t.match(json(await ask({ path: `${order}/payments/` })), [{ ref: seededRefs.payment, order: seededRefs.order }])
})

t.test('an order is created and changed', async t => {
  const bench = await startBench(t)
  const body = { snap_total: 10, ebt_cash_total: '2.5', remaining_total: 0, external_order_id: 'o', customer_id: 'c' }
  const created = await asServer(bench, 'POST /api/orders/', body)
  t.equal(created.status, 201)
  t.match(json(created), { snap_total: '10.00', ebt_cash_total: '2.50', external_order_id: 'o', customer_id: 'c' })
  const path = `/api/orders/${json(created).ref}/`
  const change = { snap_total: 1, ebt_cash_total: 2, remaining_total: 3, metadata: { a: 1 } }
  t.match(json(await asServer(bench, `PATCH ${path}`, change)), {
    snap_total: '1.00',
    ebt_cash_total: '2.00',
    remaining_total: '3.00',
    metadata: { a: 1 },
  })
  t.match(json(await asServer(bench, `PATCH ${path}`, {})), { snap_total: '1.00' })
  t.match(json(await bench.ask({ path })), { payments: [], refunds: [] })
})

t.test('an unknown order is not found', async t => {
  const { ask } = await startBench(t)
  t.same(refusal(await ask({ path: '/api/orders/0000000000/' })), [404, 'resource_not_found', 'Orders'])
})

t.test('a cancelled order takes no change', async t => {
  const bench = await startBench(t)
  t.match(json(await asServer(bench, `POST ${order}/cancel/`)), { status: 'canceled' })
  const gone = [400, 'order_is_cancelled', 'Orders']
  t.same(refusal(await asServer(bench, `PATCH ${order}/`, {})), gone)
  t.same(refusal(await asServer(bench, `POST ${order}/cancel/`)), gone)
  t.same(refusal(await asServer(bench, `POST ${order}/payments/`, newPayment)), gone)
})

t.test('a paid order has succeeded, and is neither changed nor cancelled', async t => {
  const bench = await startBench(t)
  t.equal((await capture(bench, seededRefs.payment)).status, 200)
  t.match(json(await bench.ask({ path: `${order}/` })), { status: 'succeeded' })
  t.same(refusal(await asServer(bench, `PATCH ${order}/`, {})), [400, 'cannot_update_order', 'Orders'])
  t.same(refusal(await asServer(bench, `POST ${order}/cancel/`)), [400, 'cannot_cancel_order', 'Orders'])
})

t.test('payments of an order are created, changed and cancelled', async t => {
  const bench = await startBench(t)
  const created = await asServer(bench, `POST ${order}/payments/`, newPayment)
  t.same([created.status, json(created).order], [201, seededRefs.order])
  const path = `${order}/payments/${json(created).ref}/`
  t.match(json(await asServer(bench, `PATCH ${path}`, { amount: 4 })), { amount: '4.00' })
  t.match(json(await asServer(bench, `POST ${path}cancel/`)), { status: 'canceled' })
  t.match(json(await bench.ask({ path })), { status: 'canceled' })
})

t.test('a payment of no order is not found under one', async t => {
  const bench = await startBench(t)
  const { ref } = json(await bench.ask({ method: 'POST', path: '/api/payments/', body: newPayment }))
  t.same(refusal(await bench.ask({ path: `${order}/payments/${ref}/` })), [404, 'resource_not_found', 'Payments'])
})

t.test('an order has at most a hundred payments', async t => {
  const bench = await startBench(t)
  for (let count = 1; count < 100; count += 1) await asServer(bench, `POST ${order}/payments/`, newPayment)
  const reply = await asServer(bench, `POST ${order}/payments/`, newPayment)
  t.same(refusal(reply), [400, 'cannot_update_order', 'Orders'])
})

for (const operation of ['refunds', 'refund_by_product']) {
  t.test(`${operation} refunds a part of a payment of the order`, async t => {
    const bench = await startBench(t)
    await capture(bench, seededRefs.payment)
    const body = { payment: seededRefs.payment, amount: '1.00', reason: 'bruised' }
    const reply = await asServer(bench, `POST ${order}/${operation}/`, body)
    t.same([reply.status, json(reply).amount], [201, '1.00'])
    t.same(json(await asServer(bench, `GET ${order}/refunds/`)), [json(reply)])
    t.same(json(await asServer(bench, `GET ${order}/refunds/${json(reply).ref}/`)), json(reply))
    const missing = await asServer(bench, `POST ${order}/${operation}/`, { ...body, payment: '0000000000' })
    t.same(refusal(missing), [404, 'resource_not_found', 'Payments'])
    const unknown = await asServer(bench, `GET ${order}/refunds/0000000000/`)
    t.same(refusal(unknown), [404, 'resource_not_found', 'Refunds'])
  })
}

t.test('refund_all refunds every captured payment once', async t => {
  const bench = await startBench(t)
  const path = `POST ${order}/refund_all/`
  t.same(refusal(await asServer(bench, path)), [400, 'order_not_succeeded', 'Orders'])
  await capture(bench, seededRefs.payment)
  const reply = await asServer(bench, path)
  t.equal(reply.status, 201)
  t.match(json(reply), [{ amount: '20.00', payment_ref: seededRefs.payment }])
  t.same(refusal(await asServer(bench, path)), [400, 'refund_exceeds_order_total', 'Orders'])
})

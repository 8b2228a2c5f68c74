import { type Answer, answerJson } from './answer.ts'
import { apiError } from './api-error.ts'
import { type Call, param } from './call.ts'
import { InputFields } from './input-fields.ts'
import { findOrder, requireOpenOrder } from './orders.ts'
import { cancelPayment } from './payment-operations.ts'
import { addPayment, describePayment, findPayment, readNewPayment, updatePayment } from './payments.ts'
import type { Order, Payment } from './records.ts'
import { describeRefund, describeRefunds, findRefund } from './refund-records.ts'
import { addRefund, refundableCents } from './refunds.ts'

/** Most payments of one order: what is kept for an object has a bound. */
const maxPayments = 100

/** `GET /api/orders/{order}/payments/` */
export function listOrderPayments(call: Call): Answer {
  const order = findOrder(call.world, param(call, 'order'))
  return answerJson(
    200,
    paymentsOf(call, order).map(payment => describePayment(call.world, payment)),
  )
}

/** `GET /api/orders/{order}/payments/{ref}/` */
export function getOrderPayment(call: Call): Answer {
  return answerJson(200, describePayment(call.world, paymentOfOrder(call)))
}

/** `POST /api/orders/{order}/payments/` */
export function createOrderPayment(call: Call): Answer {
  const order = requireOpenOrder(call)
  if (order.paymentRefs.length >= maxPayments) throw apiError('cannot_update_order')
  const payment = addPayment(call.world, { ...readNewPayment(call), orderRef: order.ref })
  order.paymentRefs.push(payment.ref)
  return answerJson(201, describePayment(call.world, payment))
}

/** `PATCH /api/orders/{order}/payments/{ref}/` */
export function updateOrderPayment(call: Call): Answer {
  paymentOfOrder(call)
  return updatePayment(call)
}

/** `POST /api/orders/{order}/payments/{ref}/cancel/` */
export function cancelOrderPayment(call: Call): Answer {
  paymentOfOrder(call)
  return cancelPayment(call)
}

/** `GET /api/orders/{order}/refunds/` */
export function listOrderRefunds(call: Call): Answer {
  const order = findOrder(call.world, param(call, 'order'))
  return answerJson(200, describeRefunds(call.world, order.refundRefs))
}

/** `GET /api/orders/{order}/refunds/{refund}/` */
export function getOrderRefund(call: Call): Answer {
  const order = findOrder(call.world, param(call, 'order'))
  const ref = param(call, 'refund')
  if (!order.refundRefs.includes(ref)) throw apiError('resource_not_found', 'Refunds')
  return answerJson(200, describeRefund(findRefund(call.world, ref)))
}

/** Refunds a part of one payment of the order, which the body names as `payment`. */
export function refundOrderPayment(call: Call): Answer {
  const order = findOrder(call.world, param(call, 'order'))
  const fields = new InputFields(call.body, 'Refunds')
  const ref = fields.text('payment')
  if (!order.paymentRefs.includes(ref)) throw apiError('resource_not_found', 'Payments')
  return refund(call, order, findPayment(call.world, ref), fields.positiveCents('amount'))
}

/** Refunds all that is left of every payment of the order. */
export function refundOrder(call: Call): Answer {
  const order = findOrder(call.world, param(call, 'order'))
  const captured = paymentsOf(call, order).filter(payment => payment.status === 'succeeded')
  if (captured.length === 0) throw apiError('order_not_succeeded')
  const open = captured.filter(payment => refundableCents(call.world, payment) > 0)
  if (open.length === 0) throw apiError('refund_exceeds_order_total', 'Orders')
  const answers = open.map(payment => refund(call, order, payment, refundableCents(call.world, payment)))
  return answerJson(201, `[${answers.map(answer => answer.body).join(',')}]`)
}

function refund(call: Call, order: Order, payment: Payment, amountCents: number): Answer {
  const reason = new InputFields(call.body, 'Refunds').textOr('reason', '', 1000)
  const added = addRefund(call.world, payment, { amountCents, reason, metadata: {} })
  order.refundRefs.push(added.ref)
  return answerJson(201, describeRefund(added))
}

function paymentsOf(call: Call, order: Order): Payment[] {
  return order.paymentRefs.flatMap(ref => call.world.payments.get(ref) ?? [])
}

function paymentOfOrder(call: Call): Payment {
  const order = findOrder(call.world, param(call, 'order'))
  const payment = findPayment(call.world, param(call, 'ref'))
  if (!order.paymentRefs.includes(payment.ref)) throw apiError('resource_not_found', 'Payments')
  return payment
}

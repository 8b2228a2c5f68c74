import { type Answer, answerJson, answerNoContent } from './answer.ts'
import { apiError } from './api-error.ts'
import { type Call, param } from './call.ts'
import { credit, readPin } from './ebt-network.ts'
import { InputFields } from './input-fields.ts'
import { findPaymentMethod } from './payment-methods.ts'
import { findPayment } from './payments.ts'
import type { Cents, Payment, Refund } from './records.ts'
import { describeRefund, describeRefunds, findRefund } from './refund-records.ts'
import { nextRef, type World } from './world.ts'

const refundPeriodSec = 90 * 86_400

/** Most refunds of one payment: what is kept for an object has a bound. */
const maxRefunds = 100

/** `POST /api/payments/{ref}/refunds/`: all that is left when the body names no amount. */
export function createRefund(call: Call): Answer {
  const payment = findPayment(call.world, param(call, 'ref'))
  const fields = new InputFields(call.body, 'Refunds')
  const amountCents = fields.has('amount') ? fields.positiveCents('amount') : refundableCents(call.world, payment)
  const reason = fields.textOr('reason', '', 1000)
  const metadata = fields.objectOr('metadata', {})
  return answerJson(201, describeRefund(addRefund(call.world, payment, { amountCents, reason, metadata })))
}

/** `GET /api/payments/{ref}/refunds/` */
export function listRefunds(call: Call): Answer {
  const payment = findPayment(call.world, param(call, 'ref'))
  return answerJson(200, describeRefunds(call.world, payment.refundRefs))
}

/** `GET /api/payments/{ref}/refunds/{refund}/` */
export function getRefund(call: Call): Answer {
  return answerJson(200, describeRefund(refundOfPayment(call)))
}

/** Keeps the PIN for a refund at a terminal: 204, empty. */
export function collectRefundPin(call: Call): Answer {
  const payment = findPayment(call.world, param(call, 'ref'))
  const method = findPaymentMethod(call.world, payment.paymentMethodRef)
  readPin(method, new InputFields(call.body, 'Refunds'))
  payment.refundPinCollected = true
  return answerNoContent()
}

/** `POST /api/payments/{ref}/refunds/{refund}/void/` */
export function voidRefund(call: Call): Answer {
  const refund = refundOfPayment(call)
  if (refund.status === 'canceled') throw apiError('invalid_input_data', 'Refunds')
  refund.status = 'canceled'
  return answerJson(200, describeRefund(refund))
}

/** What of a payment has not been refunded yet. */
export function refundableCents(world: World, payment: Payment): Cents {
  let rest = payment.amountCents
  for (const ref of payment.refundRefs) {
    const refund = world.refunds.get(ref)
    if (refund?.status === 'succeeded') rest -= refund.amountCents
  }
  return rest
}

/** @throws ApiError when the payment was not captured, is too old, or holds less */
export function addRefund(
  world: World,
  payment: Payment,
  input: Pick<Refund, 'amountCents' | 'reason' | 'metadata'>,
): Refund {
  const now = world.now()
  if (payment.succeededAt === null || payment.status !== 'succeeded') throw apiError('invalid_input_data', 'Refunds')
  if (now > payment.succeededAt + refundPeriodSec) throw apiError('cannot_refund_after_90_days')
  const isTooMuch = input.amountCents > refundableCents(world, payment) || payment.refundRefs.length >= maxRefunds
  if (input.amountCents === 0 || isTooMuch) throw apiError('refund_exceeds_order_total')
  const { ref: paymentRef, orderRef, fundingType } = payment
  const refund: Refund = {
    ref: nextRef(world, 'refund'),
    paymentRef,
    orderRef,
    fundingType,
    ...input,
    createdAt: now,
    status: 'succeeded',
  }
  payment.refundRefs.push(refund.ref)
  world.refunds.set(refund.ref, refund)
  const method = world.paymentMethods.get(payment.paymentMethodRef)
  if (method !== undefined) credit(method, fundingType, input.amountCents)
  return refund
}

function refundOfPayment(call: Call): Refund {
  const payment = findPayment(call.world, param(call, 'ref'))
  const refund = findRefund(call.world, param(call, 'refund'))
  if (refund.paymentRef !== payment.ref) throw apiError('resource_not_found', 'Refunds')
  return refund
}

import { type Answer, answerJson, answerNoContent } from './answer.ts'
import { ApiError, apiError } from './api-error.ts'
import { type Call, param } from './call.ts'
import { checkPin, credit, debit, readPin } from './ebt-network.ts'
import { InputFields } from './input-fields.ts'
import { findPaymentMethod } from './payment-methods.ts'
import { describePayment, findPayment, isPaymentExpired } from './payments.ts'
import type { Payment, PaymentMethod, PaymentStatus } from './records.ts'
import type { World } from './world.ts'

/** Captures an EBT payment with the PIN that comes along. */
export function capturePayment(call: Call): Answer {
  const payment = requireStatus(call, ['draft', 'failed'])
  const method = ebtMethodOf(call.world, payment)
  settle(call.world, payment, method, () => checkPin(method, new InputFields(call.body, 'Payments')))
  return answerJson(200, describePayment(call.world, payment))
}

/** Keeps the PIN of an EBT payment that is captured later: 204, empty. */
export function collectPin(call: Call): Answer {
  const payment = requireStatus(call, ['draft'])
  readPin(ebtMethodOf(call.world, payment), new InputFields(call.body, 'Payments'))
  payment.pinCollected = true
  payment.updatedAt = call.world.now()
  return answerNoContent()
}

/** Captures what was prepared before: an EBT payment whose PIN was collected, or an authorized card payment. */
export function captureDeferredPayment(call: Call): Answer {
  const payment = requireStatus(call, ['draft', 'failed', 'requires_capture'])
  if (payment.status !== 'requires_capture' && !payment.pinCollected) throw apiError('cannot_capture_payment')
  settle(call.world, payment, findPaymentMethod(call.world, payment.paymentMethodRef), () => {})
  return answerJson(200, describePayment(call.world, payment))
}

/** Places a hold on a card that is not EBT. */
export function authorizePayment(call: Call): Answer {
  const payment = requireStatus(call, ['draft'])
  if (payment.fundingType.startsWith('ebt_')) throw apiError('invalid_input_data', 'Payments')
  return moveTo(call, payment, 'requires_capture')
}

/** `POST /api/payments/{ref}/cancel/`: until it was captured. */
export function cancelPayment(call: Call): Answer {
  return moveTo(call, requireStatus(call, ['draft', 'failed', 'requires_capture']), 'canceled')
}

/** Undoes a payment that was authorized or captured. */
export function voidPayment(call: Call): Answer {
  const payment = requireStatus(call, ['requires_capture', 'succeeded'])
  if (payment.refundRefs.length > 0) throw apiError('invalid_input_data', 'Payments')
  if (payment.status === 'succeeded') {
    credit(findPaymentMethod(call.world, payment.paymentMethodRef), payment.fundingType, payment.amountCents)
  }
  return moveTo(call, payment, 'canceled')
}

function requireStatus(call: Call, allowed: readonly PaymentStatus[]): Payment {
  const payment = findPayment(call.world, param(call, 'ref'))
  if (isPaymentExpired(call.world, payment)) throw apiError('cannot_capture_payment', undefined, 'The payment expired.')
  if (!allowed.includes(payment.status)) throw apiError('cannot_capture_payment')
  return payment
}

function ebtMethodOf(world: World, payment: Payment): PaymentMethod {
  const method = findPaymentMethod(world, payment.paymentMethodRef)
  if (method.type !== 'ebt') throw apiError('cannot_capture_payment')
  return method
}

/** Moves the money. A decline is remembered on the payment before it is answered. */
function settle(world: World, payment: Payment, method: PaymentMethod, authenticate: () => void): void {
  try {
    authenticate()
    if (method.type === 'ebt') debit(method, payment.fundingType, payment.amountCents)
  } catch (error) {
    if (error instanceof ApiError && error.code.startsWith('ebt_error_')) {
      Object.assign(payment, { status: 'failed', lastProcessingError: error.code, updatedAt: world.now() })
    }
    throw error
  }
  const now = world.now()
  method.used = true
  Object.assign(payment, { status: 'succeeded', lastProcessingError: null, succeededAt: now, updatedAt: now })
}

function moveTo(call: Call, payment: Payment, status: PaymentStatus): Answer {
  payment.status = status
  payment.updatedAt = call.world.now()
  return answerJson(200, describePayment(call.world, payment))
}

import { type Answer, answerJson } from './answer.ts'
import { apiError } from './api-error.ts'
import { type Call, param } from './call.ts'
import { formatCents, formatTime, InputFields } from './input-fields.ts'
import { findPaymentMethod } from './payment-methods.ts'
import type { JsonObject, Payment } from './records.ts'
import { describeRefunds } from './refund-records.ts'
import { nextRef, type World } from './world.ts'

/** Seconds after its creation until a payment that was not captured is dead. */
export const paymentLifetimeSec = 1800

/** Most payments in a list. */
const maxListed = 100

/** What a payment can be paid with. */
export const fundingTypes = ['ebt_snap', 'ebt_cash', 'credit_tpp', 'benefit'] as const

/** What a new payment is made of; members of a payment that are left out get their defaults. */
export type NewPayment = Pick<Payment, 'fundingType' | 'amountCents' | 'paymentMethodRef'> & Partial<Payment>

/** `POST /api/payments/` */
export function createPayment(call: Call): Answer {
  return answerJson(201, describePayment(call.world, addPayment(call.world, readNewPayment(call))))
}

/** `?external_order_id=` narrows the list, `?with_refunds` writes the refunds out. */
export function listPayments(call: Call): Answer {
  const { query } = call.head
  const externalOrderId = query.get('external_order_id')
  const found: JsonObject[] = []
  for (const payment of call.world.payments.values()) {
    if (externalOrderId !== null && payment.externalOrderId !== externalOrderId) continue
    found.push(describePayment(call.world, payment, query.has('with_refunds')))
    if (found.length === maxListed) break
  }
  return answerJson(200, found)
}

/** `GET /api/payments/{ref}/` */
export function getPayment(call: Call): Answer {
  return answerJson(200, describePayment(call.world, findPayment(call.world, param(call, 'ref'))))
}

/** `PATCH /api/payments/{ref}/`: drafts only. */
export function updatePayment(call: Call): Answer {
  const payment = findPayment(call.world, param(call, 'ref'))
  const fields = new InputFields(call.body, 'Payments')
  if (payment.status !== 'draft') throw apiError('invalid_input_data', 'Payments')
  if (fields.has('amount')) payment.amountCents = fields.positiveCents('amount')
  payment.description = fields.textOr('description', payment.description, 1000)
  payment.metadata = fields.objectOr('metadata', payment.metadata)
  payment.deliveryAddress = fields.objectOr('delivery_address', payment.deliveryAddress)
  payment.isDelivery = fields.booleanOr('is_delivery', payment.isDelivery)
  payment.updatedAt = call.world.now()
  return answerJson(200, describePayment(call.world, payment))
}

/** Reads and checks a body that creates a payment. */
export function readNewPayment(call: Call): NewPayment {
  const fields = new InputFields(call.body, 'Payments')
  const fundingType = fields.oneOf('funding_type', fundingTypes)
  const method = findPaymentMethod(call.world, fields.text('payment_method'))
  const isEbt = fundingType === 'ebt_snap' || fundingType === 'ebt_cash'
  if (isEbt !== (method.type === 'ebt')) throw fields.wrong('payment_method')
  if (method.used && !method.reusable) throw apiError('card_not_reusable')
  return {
    fundingType,
    amountCents: fields.positiveCents('amount'),
    paymentMethodRef: method.ref,
    description: fields.textOr('description', '', 1000),
    metadata: fields.objectOr('metadata', {}),
    deliveryAddress: fields.objectOr('delivery_address', {}),
    isDelivery: fields.booleanOr('is_delivery', false),
    customerId: fields.textOr('customer_id', null, 64),
    externalOrderId: fields.textOr('external_order_id', null),
  }
}

/** Stores a new payment. */
export function addPayment(world: World, input: NewPayment): Payment {
  const createdAt = world.now()
  const payment: Payment = {
    ref: nextRef(world, 'payment'),
    orderRef: null,
    createdAt,
    customerId: null,
    externalOrderId: null,
    refundRefs: [],
    description: '',
    metadata: {},
    deliveryAddress: {},
    isDelivery: false,
    updatedAt: createdAt,
    status: 'draft',
    lastProcessingError: null,
    succeededAt: null,
    pinCollected: false,
    refundPinCollected: false,
    ...input,
  }
  world.payments.set(payment.ref, payment)
  return payment
}

/** @throws ApiError `resource_not_found` */
export function findPayment(world: World, ref: string): Payment {
  const payment = world.payments.get(ref)
  if (payment === undefined) throw apiError('resource_not_found', 'Payments')
  return payment
}

/** Whether a payment that was not captured is dead. */
export function isPaymentExpired(world: World, payment: Payment): boolean {
  return payment.status === 'draft' && world.now() >= payment.createdAt + paymentLifetimeSec
}

/**
 * A payment as the API shows it.
 *
 * @param withRefunds whether refunds are written out instead of named
 */
export function describePayment(world: World, payment: Payment, withRefunds = false): JsonObject {
  const receipt = payment.succeededAt === null ? null : describeReceipt(payment, payment.succeededAt)
  return {
    ref: payment.ref,
    merchant: world.options.merchantAccount,
    order: payment.orderRef,
    external_order_id: payment.externalOrderId,
    customer_id: payment.customerId,
    funding_type: payment.fundingType,
    amount: formatCents(payment.amountCents),
    description: payment.description,
    metadata: payment.metadata,
    payment_method: payment.paymentMethodRef,
    delivery_address: payment.deliveryAddress,
    is_delivery: payment.isDelivery,
    created: formatTime(payment.createdAt),
    updated: formatTime(payment.updatedAt),
    expires_at: formatTime(payment.createdAt + paymentLifetimeSec),
    status: payment.status,
    last_processing_error: payment.lastProcessingError,
    success_date: payment.succeededAt === null ? null : formatTime(payment.succeededAt),
    receipt,
    refunds: withRefunds ? describeRefunds(world, payment.refundRefs) : payment.refundRefs,
  }
}

function describeReceipt({ ref, amountCents, fundingType }: Payment, succeededAt: number): JsonObject {
  return {
    ref_number: ref,
    is_voided: false,
    snap_amount: formatCents(fundingType === 'ebt_snap' ? amountCents : 0),
    ebt_cash_amount: formatCents(fundingType === 'ebt_cash' ? amountCents : 0),
    other_amount: formatCents(fundingType.startsWith('ebt_') ? 0 : amountCents),
    transaction_type: 'Payment',
    created: formatTime(succeededAt),
    message: 'Approved',
  }
}

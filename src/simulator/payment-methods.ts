import { type Answer, answerJson, answerNoContent } from './answer.ts'
import { apiError } from './api-error.ts'
import { type Call, param } from './call.ts'
import { formatCents, formatTime, InputFields } from './input-fields.ts'
import { requireMerchantAccount } from './merchant-account.ts'
import type { JsonObject, PaymentMethod } from './records.ts'
import { checkCreditCard, ebtOutcome, type PinOutcome } from './test-cards.ts'
import { nextRef, type World } from './world.ts'

/** What a new payment method is made of. Its card number is used for this, and not kept. */
export interface NewPaymentMethod {
  readonly ref?: string
  readonly type: 'ebt' | 'credit'
  readonly cardNumber: string
  readonly reusable: boolean
  readonly customerId: string | null
  /** Members of `card` that the type adds. */
  readonly card?: JsonObject
}

/** `POST /api/payment_methods/` */
export function createPaymentMethod(call: Call): Answer {
  const fields = new InputFields(call.body, 'Payment_Methods')
  const type = fields.oneOf('type', ['ebt', 'credit'] as const)
  const card = new InputFields(fields.object('card'), 'Payment_Methods')
  const reusable = fields.booleanOr('reusable', true)
  const customerId = fields.textOr('customer_id', null, 64)
  // Merchant-Account is optional for an EBT card, and required for every other.
  if (type === 'credit') requireMerchantAccount(call.head, call.world.options.merchantAccount)
  const read = type === 'ebt' ? readEbtCard(card) : readCreditCard(call.world, card)
  return answerJson(201, describePaymentMethod(addPaymentMethod(call.world, { type, reusable, customerId, ...read })))
}

/** `GET /api/payment_methods/{ref}/` */
export function getPaymentMethod(call: Call): Answer {
  return answerJson(200, describePaymentMethod(findPaymentMethod(call.world, param(call, 'ref'))))
}

/** `PATCH /api/payment_methods/{ref}/`: only the customer can change. */
export function updatePaymentMethod(call: Call): Answer {
  const method = findPaymentMethod(call.world, param(call, 'ref'))
  method.customerId = new InputFields(call.body, 'Payment_Methods').textOr('customer_id', method.customerId, 64)
  return answerJson(200, describePaymentMethod(method))
}

/** `DELETE /api/payment_methods/{ref}/` */
export function deletePaymentMethod(call: Call): Answer {
  call.world.paymentMethods.delete(findPaymentMethod(call.world, param(call, 'ref')).ref)
  return answerNoContent()
}

/** @throws ApiError `resource_not_found` */
export function findPaymentMethod(world: World, ref: string): PaymentMethod {
  const method = world.paymentMethods.get(ref)
  if (method === undefined) throw apiError('resource_not_found', 'Payment_Methods')
  return method
}

/**
 * Stores a new payment method.
 *
 * @throws ApiError `unsupported_bin` for an EBT card outside the test range
 */
export function addPaymentMethod(world: World, input: NewPaymentMethod): PaymentMethod {
  const createdAt = world.now()
  const isEbt = input.type === 'ebt'
  const outcome: PinOutcome = isEbt ? ebtOutcome(input.cardNumber) : 'approved'
  const cardNumberToken = isEbt ? world.source.hex('card-token', 32) : null
  const shown = { last_4: input.cardNumber.slice(-4), created: formatTime(createdAt) }
  const method: PaymentMethod = {
    ref: input.ref ?? nextRef(world, 'payment-method'),
    type: input.type,
    createdAt,
    card: { ...shown, ...input.card, ...(cardNumberToken === null ? {} : ebtCard(world, input, cardNumberToken)) },
    reusable: input.reusable,
    rule: { cardNumberToken, outcome },
    customerId: input.customerId,
    account: { snapCents: 50_000, cashCents: 10_000, wrongPins: 0, checkedAt: null },
    used: false,
  }
  world.paymentMethods.set(method.ref, method)
  return method
}

/** The account's balance as the API shows it, or null when it was never asked for. */
export function describeBalance({ account }: PaymentMethod): JsonObject | null {
  if (account.checkedAt === null) return null
  return {
    snap: formatCents(account.snapCents),
    non_snap: formatCents(account.cashCents),
    updated: formatTime(account.checkedAt),
  }
}

function ebtCard(world: World, { cardNumber }: NewPaymentMethod, cardNumberToken: string): JsonObject {
  const vaults = [world.source.hex('vgs-token', 16), world.source.hex('bt-token', 16), cardNumberToken]
  const digest = (label: string): string => world.source.digest(label, cardNumber).toString('hex')
  return {
    token: vaults.join(','),
    state: 'CA',
    fingerprint: digest('fingerprint'),
    fingerprint_v2: digest('fingerprint-v2'),
  }
}

function readEbtCard(card: InputFields): Pick<NewPaymentMethod, 'cardNumber'> {
  if (card.has('number')) return { cardNumber: card.text('number', 32) }
  const cardNumber = /^;?(\d+)=/.exec(card.text('track_2_data', 64))?.[1]
  if (cardNumber === undefined) throw card.wrong('track_2_data')
  return { cardNumber }
}

function readCreditCard(world: World, card: InputFields): Pick<NewPaymentMethod, 'cardNumber' | 'card'> {
  const cardNumber = card.text('number', 32)
  const expires = { exp_month: card.integer('exp_month', 1, 12), exp_year: card.integer('exp_year', 2000, 2099) }
  const isHsaFsa = card.booleanOr('is_hsa_fsa', false)
  if (!/^\d{3,4}$/.test(card.text('security_code', 4))) throw card.wrong('security_code')
  checkCreditCard(cardNumber, isHsaFsa)
  const brand = cardNumber.startsWith('4') ? 'visa' : 'mastercard'
  const processor = {
    psp_customer_id: `cus_${world.source.alphanumeric('psp', 14)}`,
    payment_method_id: `pm_${world.source.alphanumeric('psp', 24)}`,
  }
  return { cardNumber, card: { brand, ...expires, is_hsa_fsa: isHsaFsa, ...processor } }
}

function describePaymentMethod(method: PaymentMethod): JsonObject {
  const { ref, type, reusable, customerId, card } = method
  return { ref, type, reusable, customer_id: customerId, balance: describeBalance(method), card }
}

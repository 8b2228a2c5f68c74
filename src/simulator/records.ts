import type { PinOutcome } from './test-cards.ts'

/** Money is counted in cents. */
export type Cents = number

/** An object as it came from JSON, or goes there. */
export type JsonObject = Readonly<Record<string, unknown>>

/** A card of a shopper. */
export interface PaymentMethod {
  readonly ref: string
  readonly type: 'ebt' | 'credit'
  readonly createdAt: number
  /** As the API shows it: never the full card number. */
  readonly card: JsonObject
  readonly reusable: boolean
  readonly rule: CardRule
  customerId: string | null
  account: EbtAccount
  used: boolean
}

/** How the card's issuer answers. */
export interface CardRule {
  /** Third part of `card.token`; PIN calls name the card by it. Null for cards without a PIN. */
  readonly cardNumberToken: string | null
  readonly outcome: PinOutcome
}

/** What lies behind an EBT card. */
export interface EbtAccount {
  snapCents: Cents
  cashCents: Cents
  wrongPins: number
  /** When the balance was last asked for; null: never, and the balance is not shown. */
  checkedAt: number | null
}

/** Where a payment stands. */
export type PaymentStatus = 'draft' | 'requires_capture' | 'succeeded' | 'failed' | 'canceled'

/** One payment with one payment method. */
export interface Payment {
  readonly ref: string
  readonly orderRef: string | null
  readonly createdAt: number
  readonly customerId: string | null
  readonly externalOrderId: string | null
  readonly refundRefs: string[]
  fundingType: string
  amountCents: Cents
  description: string
  metadata: JsonObject
  paymentMethodRef: string
  deliveryAddress: JsonObject
  isDelivery: boolean
  updatedAt: number
  status: PaymentStatus
  lastProcessingError: string | null
  succeededAt: number | null
  pinCollected: boolean
  refundPinCollected: boolean
}

/** Money of a payment that went back. */
export interface Refund {
  readonly ref: string
  readonly paymentRef: string
  readonly orderRef: string | null
  readonly fundingType: string
  readonly amountCents: Cents
  readonly reason: string
  readonly metadata: JsonObject
  readonly createdAt: number
  status: 'succeeded' | 'canceled'
}

/** What a shopper buys, paid by one or more payments. */
export interface Order {
  readonly ref: string
  readonly createdAt: number
  readonly externalOrderId: string | null
  readonly customerId: string | null
  readonly paymentRefs: string[]
  readonly refundRefs: string[]
  snapCents: Cents
  cashCents: Cents
  remainingCents: Cents
  isDelivery: boolean
  deliveryAddress: JsonObject
  metadata: JsonObject
  updatedAt: number
  status: 'draft' | 'canceled'
}

/** A hosted page that a shopper is sent to. */
export interface CheckoutSession {
  readonly ref: string
  readonly kind: 'sessions' | 'balance_sessions' | 'capture_sessions'
  readonly orderRef: string | null
  readonly customerId: string | null
  readonly createdAt: number
  readonly successUrl: string
  readonly cancelUrl: string
}

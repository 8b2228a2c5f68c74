import { answerJson } from './answer.ts'
import { checkBalance } from './balance.ts'
import type { Handler } from './call.ts'
import { createSession, getSession } from './checkout-sessions.ts'
import * as oauth from './oauth.ts'
import * as orderPayments from './order-payments.ts'
import * as orders from './orders.ts'
import * as paymentMethods from './payment-methods.ts'
import * as operations from './payment-operations.ts'
import * as payments from './payments.ts'
import * as refunds from './refunds.ts'
import { createSessionToken } from './session-token-endpoint.ts'

/** One row of the API. */
export interface Route {
  readonly method: string
  /** Path with `{name}` for a segment. */
  readonly template: string
  /** Tokens that may call it: client credentials, an authentication token, or that and a session token. */
  readonly access: 'client' | 'authentication' | 'either'
  readonly merchantAccount: 'required' | 'optional'
  /** Whether an `Idempotency-Key` is honoured. */
  readonly idempotent: boolean
  readonly handler: Handler
}

type RouteOptions = Partial<Pick<Route, 'merchantAccount' | 'idempotent'>>

/** What a session token may call, by the older guide: payment methods, payments, reading orders, balance sessions. */
const clientRoutes = [
  either('POST /api/payment_methods/', paymentMethods.createPaymentMethod, { merchantAccount: 'optional' }),
  either('GET /api/payment_methods/{ref}/', paymentMethods.getPaymentMethod),
  either('PATCH /api/payment_methods/{ref}/', paymentMethods.updatePaymentMethod),
  either('POST /api/payment_methods/{ref}/balance/', checkBalance, { idempotent: true }),
  either('POST /api/payments/', payments.createPayment, { idempotent: true }),
  either('GET /api/payments/', payments.listPayments),
  either('GET /api/payments/{ref}/', payments.getPayment),
  either('PATCH /api/payments/{ref}/', payments.updatePayment),
  either('POST /api/payments/{ref}/authorize/', operations.authorizePayment, { idempotent: true }),
  either('POST /api/payments/{ref}/capture/', operations.capturePayment, { idempotent: true }),
  either('POST /api/payments/{ref}/collect_pin/', operations.collectPin, { idempotent: true }),
  either('POST /api/payments/{ref}/capture_payment/', operations.captureDeferredPayment, { idempotent: true }),
  either('POST /api/payments/{ref}/cancel/', operations.cancelPayment),
  either('POST /api/payments/{ref}/void/', operations.voidPayment, { idempotent: true }),
  either('GET /api/payments/{ref}/refunds/', refunds.listRefunds),
  either('GET /api/payments/{ref}/refunds/{refund}/', refunds.getRefund),
  either('GET /api/orders/{order}/', orders.getOrder),
  either('GET /api/orders/{order}/payments/', orderPayments.listOrderPayments),
  either('GET /api/orders/{order}/payments/{ref}/', orderPayments.getOrderPayment),
  either('POST /api/balance_sessions/', createSession('balance_sessions'), { idempotent: true }),
  either('GET /api/balance_sessions/{ref}/', getSession('balance_sessions')),
]

/** The vault's host: SDKs call it with a session token. It relays to the path after `/proxy`. */
const vaultRoutes = [
  either('POST /proxy/api/payment_methods/', paymentMethods.createPaymentMethod, { merchantAccount: 'optional' }),
  either('POST /proxy/api/payment_methods/{ref}/balance/', checkBalance, { idempotent: true }),
  either('POST /proxy/api/payments/{ref}/capture/', operations.capturePayment, { idempotent: true }),
  either('POST /proxy/api/payments/{ref}/collect_pin/', operations.collectPin, { idempotent: true }),
  either('POST /proxy/api/payments/{ref}/refunds/', refunds.createRefund, { idempotent: true }),
  either('POST /proxy/api/payments/{ref}/refunds/collect_pin/', refunds.collectRefundPin, { idempotent: true }),
]

/** What only a merchant's server may call. */
const backendRoutes = [
  backend('POST /api/session_token/', createSessionToken),
  backend('DELETE /api/payment_methods/{ref}/', paymentMethods.deletePaymentMethod),
  backend('POST /api/payments/{ref}/refunds/', refunds.createRefund, { idempotent: true }),
  backend('POST /api/payments/{ref}/refunds/collect_pin/', refunds.collectRefundPin, { idempotent: true }),
  backend('POST /api/payments/{ref}/refunds/{refund}/void/', refunds.voidRefund, { idempotent: true }),
  backend('POST /api/orders/', orders.createOrder, { idempotent: true }),
  backend('PATCH /api/orders/{order}/', orders.updateOrder),
  backend('POST /api/orders/{order}/cancel/', orders.cancelOrder),
  backend('POST /api/orders/{order}/payments/', orderPayments.createOrderPayment, { idempotent: true }),
  backend('PATCH /api/orders/{order}/payments/{ref}/', orderPayments.updateOrderPayment),
  backend('POST /api/orders/{order}/payments/{ref}/cancel/', orderPayments.cancelOrderPayment),
  backend('POST /api/orders/{order}/refund_all/', orderPayments.refundOrder, { idempotent: true }),
  backend('POST /api/orders/{order}/refunds/', orderPayments.refundOrderPayment, { idempotent: true }),
  backend('POST /api/orders/{order}/refund_by_product/', orderPayments.refundOrderPayment, { idempotent: true }),
  backend('GET /api/orders/{order}/refunds/', orderPayments.listOrderRefunds),
  backend('GET /api/orders/{order}/refunds/{refund}/', orderPayments.getOrderRefund),
  backend('POST /api/sessions/', createSession('sessions'), { idempotent: true }),
  backend('GET /api/sessions/{ref}/', getSession('sessions')),
  backend('POST /api/capture_sessions/', createSession('capture_sessions'), { idempotent: true }),
  backend('GET /api/capture_sessions/{ref}/', getSession('capture_sessions')),
  backend('GET /api/merchants/', call => answerJson(200, { ref: call.world.options.merchantAccount })),
]

const oauthRoutes = [
  client('POST /o/token/', oauth.createAuthenticationToken),
  client('POST /o/revoke_token/', oauth.revokeAuthenticationToken),
  client('POST /o/bulk_revoke/', oauth.revokeOldestAuthenticationTokens),
]

/** Every row of the API. */
export const routes: readonly Route[] = [...clientRoutes, ...vaultRoutes, ...backendRoutes, ...oauthRoutes]

function either(row: string, handler: Handler, options: RouteOptions = {}): Route {
  return makeRoute('either', row, handler, options)
}

function backend(row: string, handler: Handler, options: RouteOptions = {}): Route {
  return makeRoute('authentication', row, handler, options)
}

function client(row: string, handler: Handler): Route {
  return makeRoute('client', row, handler, { merchantAccount: 'optional' })
}

function makeRoute(access: Route['access'], row: string, handler: Handler, options: RouteOptions): Route {
  const [method = '', template = ''] = row.split(' ')
  return { method, template, access, merchantAccount: 'required', idempotent: false, ...options, handler }
}

import { errorEnvelope } from '../forage/error-envelope.ts'
import { type Answer, answerJson } from './answer.ts'

/** Error codes of the API that the simulator can give. */
export type ErrorCode =
  | 'unauthorized'
  | 'invalid_token'
  | 'expired_session_token'
  | 'forbidden'
  | 'missing_merchant_account'
  | 'resource_not_found'
  | 'method_not_allowed'
  | 'invalid_input_data'
  | 'cannot_parse_request_body'
  | 'cannot_change_request'
  | 'resource_locked'
  | 'too_many_requests'
  | 'unsupported_bin'
  | 'not_an_hsa_fsa_card'
  | 'card_not_reusable'
  | 'balance_check_only_ebt'
  | 'cannot_capture_payment'
  | 'cannot_refund_after_90_days'
  | 'refund_exceeds_order_total'
  | 'cannot_cancel_order'
  | 'cannot_update_order'
  | 'order_is_cancelled'
  | 'order_not_succeeded'
  | 'server_error'

interface ErrorKind {
  readonly status: number
  readonly message: string
  readonly resource: string
}

const kinds: Readonly<Record<ErrorCode, ErrorKind>> = {
  unauthorized: kind(401, 'Authentication credentials were not provided.', 'Access Token'),
  invalid_token: kind(401, 'Incorrect authentication credentials.', 'OAuth_Access_Tokens'),
  expired_session_token: kind(401, 'This token has expired', 'Session_Token'),
  forbidden: kind(403, 'You do not have permission to perform this action.', 'OAuth_Access_Tokens'),
  missing_merchant_account: kind(400, 'No merchant account was provided.', 'Merchant_Account_Header'),
  resource_not_found: kind(404, 'The resource was not found.', ''),
  method_not_allowed: kind(405, 'Method not allowed.', ''),
  invalid_input_data: kind(400, 'The input data is invalid.', ''),
  cannot_parse_request_body: kind(400, 'The request body cannot be parsed.', ''),
  cannot_change_request: kind(400, 'This key was already used for another request.', 'Idempotency_Key'),
  resource_locked: kind(423, 'The resource is locked by another request.', ''),
  too_many_requests: kind(429, 'Request was throttled, please try again later.', ''),
  unsupported_bin: kind(400, 'This card is not supported.', 'Payment_Methods'),
  not_an_hsa_fsa_card: kind(400, 'This card is not an HSA or FSA card.', 'Payment_Methods'),
  card_not_reusable: kind(400, 'This payment method was used already and is not reusable.', 'Payment_Methods'),
  balance_check_only_ebt: kind(400, 'Only EBT cards have a balance.', 'Payment_Methods'),
  cannot_capture_payment: kind(400, 'This payment cannot be captured.', 'Payments'),
  cannot_refund_after_90_days: kind(400, 'A payment can be refunded for 90 days.', 'Refunds'),
  refund_exceeds_order_total: kind(400, 'The refunds would exceed what was paid.', 'Refunds'),
  cannot_cancel_order: kind(400, 'This order cannot be cancelled.', 'Orders'),
  cannot_update_order: kind(400, 'This order cannot be updated.', 'Orders'),
  order_is_cancelled: kind(400, 'This order is cancelled.', 'Orders'),
  order_not_succeeded: kind(400, 'This order has not succeeded.', 'Orders'),
  server_error: kind(500, 'Something went wrong.', ''),
}

function kind(status: number, message: string, resource: string): ErrorKind {
  return { status, message, resource }
}

/**
 * A refusal on its way to the client. Thrown, as Django REST's exceptions are: the checks of a resource lie deep in its
 * rules, and none of them is a decision that anyone else takes.
 */
export class ApiError extends Error {
  readonly code: string
  readonly status: number
  readonly resource: string

  constructor(code: string, { status, message, resource }: ErrorKind) {
    super(message)
    this.code = code
    this.status = status
    this.resource = resource
  }
}

/** @param resource what the error is about, where the code alone does not say it */
export function apiError(code: ErrorCode, resource?: string, message?: string): ApiError {
  const known = kinds[code]
  return new ApiError(code, {
    status: known.status,
    message: message ?? known.message,
    resource: resource ?? known.resource,
  })
}

/** The error in Forage's envelope. */
export function answerError(path: string, error: ApiError): Answer {
  const { code, message, resource } = error
  return answerJson(error.status, errorEnvelope(path, { code, message, resource }))
}

import type { ErrorResource } from '../forage/error-envelope.ts'
import type { TokenReason } from '../session/session.ts'

/**
 * Why a request was not answered by Forage. Stable: logs, metrics, policy tests and operators' alerts match on it.
 * Those of session tokens, credentials, targets, fields and scopes are decided by the gate, the others by whoever performs
 * the decision. The last four belong to `POST /session_token`.
 */
export type Reason =
  | TokenReason
  | 'credentials_missing'
  | 'credentials_malformed'
  | 'credentials_multiple'
  | 'authentication_token'
  | 'merchant_account_not_allowed'
  | 'target_ambiguous'
  | 'method_invalid'
  | 'field_invalid'
  | 'route_not_allowed'
  | 'scope_insufficient'
  | 'body_too_large'
  | 'target_too_long'
  | 'fields_too_large'
  | 'upgrade_not_supported'
  | 'rate_limited'
  | 'budget_exhausted'
  | 'upstream_unreachable'
  | 'upstream_reset'
  | 'upstream_invalid'
  | 'upstream_timeout'
  | 'draining'
  | 'internal_fault'
  | 'caller_not_accepted'
  | 'use_case_unknown'
  | 'body_invalid'
  | 'upstream_credentials_refused'

/** The checks in the order in which they are made. The first one that fails is the reason; `preflight` fails for nobody. */
export const checks = [
  'protocol',
  'preflight',
  'credentials',
  'target',
  'route',
  'token',
  'scope',
  'merchant',
  'limits',
  'forward',
] as const
export type Check = (typeof checks)[number]

/** How a refusal is answered. */
export interface Denial {
  readonly check: Check
  readonly status: number
  /** `errors[0].code` of the envelope. */
  readonly code: string
  readonly message: string
  readonly resource: ErrorResource
  /** The `error` attribute of the challenge (RFC 6750 §3.1); `''`: a challenge without one; undefined: no challenge. */
  readonly challenge?: '' | 'invalid_token' | 'invalid_request' | 'insufficient_scope'
}

const invalidToken = {
  check: 'token',
  status: 401,
  code: 'invalid_token',
  message: 'This session token is not valid. Request a new one from the merchant server.',
  resource: 'Session_Token',
  challenge: 'invalid_token',
} as const satisfies Denial

function invalidRequest(check: Check, status: number, message: string): Denial {
  return { check, status, code: 'invalid_request', message, resource: 'Gateway' }
}

function upstreamUnavailable(message: string): Denial {
  return { check: 'forward', status: 502, code: 'upstream_unavailable', message, resource: 'Gateway' }
}

function tooManyRequests(check: Check): Denial {
  const message = 'Request was throttled, please try again later.'
  return { check, status: 429, code: 'too_many_requests', message, resource: 'Gateway' }
}

/**
 * The one place where a reason gets its status, code and challenge.
 *
 * 401 only where a new session token cures it: apps answer 401 by asking for one and replaying. All refusals of a token
 * share one message, so that a guesser learns nothing.
 */
export const denials: Readonly<Record<Reason, Denial>> = {
  credentials_missing: {
    check: 'credentials',
    status: 401,
    code: 'unauthorized',
    message: 'Authentication credentials were not provided.',
    resource: 'Access_Token',
    challenge: '',
  },
  credentials_malformed: {
    ...invalidToken,
    check: 'credentials',
    message: 'The Authorization field must be "Bearer" and one session token.',
  },
  credentials_multiple: {
    ...invalidRequest('credentials', 400, 'Send exactly one credential, in one Authorization field.'),
    challenge: 'invalid_request',
  },
  authentication_token: {
    check: 'credentials',
    status: 403,
    code: 'authentication_token_not_allowed',
    message: 'Authentication tokens and client credentials must not be used by client apps. Use a session token.',
    resource: 'Access_Token',
  },
  environment_mismatch: invalidToken,
  token_malformed: invalidToken,
  token_not_canonical: invalidToken,
  format_not_accepted: invalidToken,
  algorithm_not_allowed: invalidToken,
  signature_invalid: invalidToken,
  claims_invalid: invalidToken,
  token_expired: { ...invalidToken, code: 'expired_session_token', message: 'This token has expired' },
  token_not_yet_valid: invalidToken,
  lifetime_exceeded: invalidToken,
  token_unknown: invalidToken,
  token_revoked: invalidToken,
  token_rejected_upstream: invalidToken,
  merchant_account_not_allowed: {
    check: 'merchant',
    status: 403,
    code: 'forbidden',
    message: 'This Merchant-Account may not be used here.',
    resource: 'Gateway',
  },
  target_ambiguous: invalidRequest('target', 400, 'The request target can be read in more than one way.'),
  method_invalid: invalidRequest('protocol', 400, 'The request method is not valid.'),
  field_invalid: invalidRequest('protocol', 400, 'A header field is not valid, or the message is not well formed.'),
  route_not_allowed: {
    check: 'route',
    status: 403,
    code: 'forbidden',
    message: 'Session tokens may not use this method and path.',
    resource: 'Gateway',
  },
  scope_insufficient: {
    check: 'scope',
    status: 403,
    code: 'insufficient_scope',
    message: 'This session may not use this method and path.',
    resource: 'Session_Token',
    challenge: 'insufficient_scope',
  },
  body_too_large: invalidRequest('limits', 413, 'The request body is too large.'),
  target_too_long: invalidRequest('protocol', 414, 'The request target is too long.'),
  fields_too_large: invalidRequest('protocol', 431, 'The header fields are too large.'),
  upgrade_not_supported: invalidRequest('protocol', 400, 'CONNECT, TRACE and protocol upgrades are not supported.'),
  rate_limited: tooManyRequests('limits'),
  budget_exhausted: tooManyRequests('limits'),
  upstream_unreachable: upstreamUnavailable('The Payments API cannot be reached. Please try again.'),
  upstream_reset: upstreamUnavailable('The Payments API closed the connection. Please try again.'),
  upstream_invalid: upstreamUnavailable('The Payments API sent an answer that is not valid.'),
  upstream_timeout: {
    check: 'forward',
    status: 504,
    code: 'upstream_timeout',
    message: 'The Payments API did not answer in time.',
    resource: 'Gateway',
  },
  draining: {
    check: 'limits',
    status: 503,
    code: 'service_unavailable',
    message: 'This gateway is shutting down. Please try again.',
    resource: 'Gateway',
  },
  overloaded: {
    check: 'limits',
    status: 503,
    code: 'service_unavailable',
    message: 'The gateway cannot take this request now. Please try again.',
    resource: 'Gateway',
  },
  internal_fault: {
    check: 'forward',
    status: 500,
    code: 'server_error',
    message: 'The gateway failed to handle this request.',
    resource: 'Gateway',
  },
  caller_not_accepted: {
    check: 'credentials',
    status: 401,
    code: 'invalid_token',
    message: 'Sign in again, or check the backend key: these credentials may not ask for session tokens.',
    resource: 'Access_Token',
    challenge: 'invalid_token',
  },
  use_case_unknown: invalidRequest('scope', 400, 'There is no such use case.'),
  body_invalid: invalidRequest('limits', 400, 'The body must be empty, or a JSON object with a "use_case".'),
  upstream_credentials_refused: upstreamUnavailable('Session tokens cannot be issued now. Please try again.'),
}

/**
 * Refusals that stand for an error page of the upstream's edge. They keep the edge's status, so that an app's handling
 * of 503 and 504 is not led astray.
 */
export const edgeDenials: Readonly<Record<number, Denial>> = {
  502: denials.upstream_invalid,
  503: {
    ...denials.upstream_invalid,
    status: 503,
    code: 'service_unavailable',
    message: 'The Payments API is not available. Please try again.',
  },
  504: denials.upstream_timeout,
}

import type { Reason } from '../gate/reasons.ts'

/**
 * What each reason means, for the operator. Clients get one sentence for all refusals of a token, so that a guesser
 * learns nothing; whoever holds the configuration may know more.
 */
export const reasonWords: Readonly<Record<Reason, string>> = {
  credentials_missing: 'there is no Authorization field',
  credentials_malformed: 'the Authorization field is not "Bearer" and one token',
  credentials_multiple: 'there is a second credential: another Authorization line, a cookie, the query, another field',
  authentication_token: 'a long-lived authentication token, or client id and secret: those belong to the server',
  environment_mismatch: 'the token is of another environment than the configured one',
  token_malformed: 'the text is not a session token',
  token_not_canonical: 'the text is a second spelling of a token: padding, spare bits, white space or doubled members',
  format_not_accepted: 'tokens of this format are not accepted here',
  algorithm_not_allowed: 'the header asks for an algorithm that is not configured',
  signature_invalid: 'the signature does not fit the configured key',
  claims_invalid: 'a claim is missing or of the wrong type: exp, iat, nbf or the scope claim',
  token_expired: "the token's time is over",
  token_not_yet_valid: "the token's time has not begun",
  lifetime_exceeded: 'the token lives longer than session.maxLifetimeSec allows',
  token_unknown: 'the token was not issued or registered here',
  token_revoked: 'the token was revoked',
  token_rejected_upstream: 'Forage refused this token before',
  merchant_account_not_allowed: 'the Merchant-Account is not one of merchantAccounts, or not that of the session',
  target_ambiguous: 'two parsers could read the target differently: dots, encoding, empty segments, or no path at all',
  method_invalid: 'the method is not made of letters',
  field_invalid: 'a field is not well formed, stands twice where once is allowed, or Host is missing',
  route_not_allowed: 'no route of the policy has this method and path',
  scope_insufficient: 'the route is of a scope that this session does not have',
  body_too_large: 'the announced body is longer than limits.maxBodyBytes',
  target_too_long: 'the target is too long',
  fields_too_large: 'the field lines are more than limits.maxHeaderBytes, or too many',
  upgrade_not_supported: 'CONNECT, TRACE and upgrades of the protocol are not supported',
  rate_limited: 'this client sends too many requests',
  budget_exhausted: "Forage's own limit is used up",
  upstream_unreachable: 'Forage cannot be reached',
  upstream_reset: 'Forage closed the connection',
  upstream_invalid: 'Forage sent no valid answer',
  upstream_timeout: 'Forage did not answer in time',
  draining: 'the gateway is shutting down',
  overloaded: 'the gateway has too much to do, or cannot know now (shared state or published keys are away)',
  internal_fault: 'a fault of the gateway itself',
  caller_not_accepted: 'the caller is not signed in with the merchant, nor a backend with a key',
  use_case_unknown: 'the use case is not one of issuing.useCases',
  body_invalid: 'the body of POST /session_token is not empty and no JSON object with a use_case',
  upstream_credentials_refused:
    'Forage refused the client id and secret, the authentication token, or the merchant account of issuing',
}

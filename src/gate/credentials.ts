import type { TokenKind } from '../forage/token-shapes.ts'
import type { RequestFacts } from './request-facts.ts'
import { inTarget } from './second-credentials.ts'

/** Why the credentials of a request are refused before its token is looked at. */
export type CredentialsReason =
  | 'credentials_missing'
  | 'credentials_malformed'
  | 'credentials_multiple'
  | 'authentication_token'

// `Bearer`, in any case (RFC 9110 §11.1), one space, and a token68 (RFC 6750 §2.1); the timestamped format has
// its padding in the middle.
const bearer = /^bearer ([A-Za-z0-9._~+/=-]+)$/i

/**
 * Finds the one session token of a request.
 *
 * An authentication token, Basic credentials or a client id and secret are reported as what they are wherever they
 * stand, before anything else about the credentials: they are the worst that a client app can send.
 *
 * @returns the text after `Bearer `, not looked at any further; or the reason to refuse
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 | RFC 6750 §2.1}
 */
export function readCredentials(
  facts: RequestFacts,
  target: string,
): { token: string } | { reason: CredentialsReason } {
  const second = secondCredential(facts, target)
  if (second === 'authentication') return { reason: 'authentication_token' }
  if (facts.authorization === undefined) return { reason: 'credentials_missing' }
  if (facts.authorizationLines > 1 || second) return { reason: 'credentials_multiple' }
  const token = tokenOf(facts)
  return token === '' ? { reason: 'credentials_malformed' } : { token }
}

/** The text after `Bearer `; `''` when the field is something else. */
export function tokenOf({ authorization = '' }: RequestFacts): string {
  return bearer.exec(authorization)?.[1] ?? ''
}

function secondCredential(facts: RequestFacts, target: string): TokenKind | undefined {
  if (facts.secondCredential === 'authentication') return 'authentication'
  // Few targets have a query, or anything that could begin a token.
  if (!/[_?%]/.test(target)) return facts.secondCredential
  return inTarget(target) ?? facts.secondCredential
}

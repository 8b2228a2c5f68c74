import type { Environment } from '../forage/environments.ts'

/** The two formats of session tokens that Forage has issued. */
export const tokenFormats = ['jwt', 'timestamped'] as const
export type TokenFormat = (typeof tokenFormats)[number]

/** What a session token proved. Never holds the token's text. */
export interface Session {
  readonly format: TokenFormat
  readonly environment: Environment
  /** The decoded signature as base64url: the one thing about a token that has one spelling and cannot be chosen. */
  readonly identity: string
  /** Keyed digest of the identity: joins log lines, and cannot be turned back. */
  readonly fingerprint: string
  /** Seconds since the epoch, when the token says so. */
  readonly issuedAt: number | undefined
  /** Seconds since the epoch: the first second in which the session is over. */
  readonly expiresAt: number
  /** Scopes that the token's own claim narrows the session to; undefined: the token names none. */
  readonly scopeClaim: ReadonlySet<string> | undefined
  /** Forage's tenant id, where the token has one. */
  readonly tenant: number | undefined
}

/** Why a token text does not open a session. The gate's `Reason` contains these. */
export type TokenReason =
  | 'environment_mismatch'
  | 'token_malformed'
  | 'token_not_canonical'
  | 'format_not_accepted'
  | 'algorithm_not_allowed'
  | 'signature_invalid'
  | 'claims_invalid'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'lifetime_exceeded'

export interface TokenRefusal {
  readonly reason: TokenReason
}

/** A session, or why there is none. */
export type Verdict = Session | TokenRefusal

export function isRefusal<T extends object>(outcome: T | TokenRefusal): outcome is TokenRefusal {
  return 'reason' in outcome
}

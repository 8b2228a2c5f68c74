import type { Environment } from '../forage/environments.ts'

/** The two formats of session tokens that Forage has issued. */
export const tokenFormats = ['jwt', 'timestamped'] as const
export type TokenFormat = (typeof tokenFormats)[number]

/** What a session token proved. Never holds the token's text. */
export interface Session {
  readonly format: TokenFormat
  readonly environment: Environment
  /** Digest of what the token's signature is over: what revocations know it by. */
  readonly identity: string
  /** Keyed digest of the identity: joins log lines, and cannot be turned back. */
  readonly fingerprint: string
  /** Seconds since the epoch, when the token says so. */
  readonly issuedAt: number | undefined
  /** Seconds since the epoch: the first second in which the session is over. */
  readonly expiresAt: number
  /** Scopes that the token's own claim, or its record, narrows the session to; undefined: nothing narrows it. */
  readonly narrowedTo: ReadonlySet<string> | undefined
  /** Forage's tenant id, where the token has one. */
  readonly tenant: number | undefined
  /** What is on record about the token, where a record is what makes it authentic. */
  readonly provenance: Provenance | undefined
}

/** Where a session comes from, as the ledger has it. */
export interface Provenance {
  /** When it came on record, in seconds since the epoch. */
  readonly recordedAt: number
  readonly useCase: string | undefined
  /** Scopes that it is narrowed to; undefined: whatever the policy grants. */
  readonly scopes: readonly string[] | undefined
  /** The merchant it was issued for. */
  readonly merchantAccount: string | undefined
  /** Digest of the authentication token that it was issued from. */
  readonly parent: string | undefined
  /** Keyed digest of the merchant's customer it was issued to. */
  readonly customer?: string | undefined
  /** Whether this gateway obtained it from Forage: then `recordedAt` is when it began, to the millisecond. */
  readonly isIssuedHere?: boolean | undefined
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
  | 'token_unknown'
  | 'token_revoked'
  | 'token_rejected_upstream'
  | 'overloaded'

export interface TokenRefusal {
  readonly reason: TokenReason
}

/** A session, or why there is none. */
export type Verdict = Session | TokenRefusal

export function isRefusal<T extends object>(outcome: T | TokenRefusal): outcome is TokenRefusal {
  return 'reason' in outcome
}

import type { Environment } from '../forage/environments.ts'

/** What was found. Stable: scripts match on it. `client_credentials` is an id and a secret in one Basic text. */
export type CredentialKind =
  | 'authentication_token'
  | 'session_token_jwt'
  | 'session_token_timestamped'
  | 'client_secret'
  | 'client_id'
  | 'client_credentials'

/** A credential in a text. It holds no more of the credential than may be printed. */
export interface FoundCredential {
  readonly kind: CredentialKind
  /** Null where the credential does not say it: client ids and secrets look alike in every environment. */
  readonly environment: Environment | null
  /** A session token whose time is over. Its key may still be in use, so it is reported all the same. */
  readonly isExpired: boolean
  /** Where it begins in the text, and where it has ended. */
  readonly start: number
  readonly end: number
  readonly masked: string
}

/** A part of a longer text, with what stands around it. */
export interface TextWindow {
  readonly text: string
  /** Only credentials that begin in `from` up to but not including `to` are wanted. */
  readonly from: number
  readonly to: number
  /** Current time in seconds since the epoch. */
  readonly now: number
}

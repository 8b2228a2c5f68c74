import type { ForageFault } from '../forage/forage-fault.ts'
import type { TokenReason } from '../session/session.ts'
import type { RecordConflict } from '../session/session-registry.ts'

interface OfToken {
  readonly useCase: string
  /** Stands for the authentication token: the same in every process, and of no use to anybody. */
  readonly fingerprint: string
}

/** What happened to the authentication tokens, for logs and counters. Closed, and without any secret. */
export type IssuingEvent =
  | (OfToken & { readonly kind: 'token_obtained'; readonly expiresAt: number })
  /** Another one has taken its place; its sessions live on, and it is revoked when the last one is over. */
  | (OfToken & { readonly kind: 'token_replaced' })
  /** Its sessions are over: somebody said so, or Forage refuses it. */
  | (OfToken & { readonly kind: 'token_retired'; readonly cause: 'told' | 'refused_by_forage' })
  /** Revoked at Forage. */
  | (OfToken & { readonly kind: 'token_revoked' })
  | (OfToken & { readonly kind: 'token_not_revoked'; readonly fault: ForageFault; readonly retryInSec: number })
  /** This process ends, and the token lives on at Forage until it expires. */
  | (OfToken & { readonly kind: 'token_left_behind'; readonly expiresAt: number })
  | {
      readonly kind: 'token_not_obtained'
      readonly useCase: string
      readonly fault: ForageFault
      readonly retryInSec: number
      /** Whether sessions can be issued all the same. */
      readonly hasWorkingToken: boolean
      /** What the fault does not say: why a token that was had is of no use, or why none was asked for. */
      readonly detail?: string
    }
  | { readonly kind: 'session_not_issued'; readonly useCase: string; readonly fault: ForageFault }
  /**
   * Forage answered a session token that could not be let in here: our clock, a format that is not accepted, or one that is
   * on record otherwise.
   */
  | {
      readonly kind: 'session_token_unfit'
      readonly useCase: string
      readonly reason: TokenReason | RecordConflict['reason']
    }
  /** There is no room to remember that the sessions of a token are over; Forage is told all the same. */
  | (OfToken & { readonly kind: 'revocation_not_remembered' })

export type OnIssuingEvent = (event: IssuingEvent) => void

/** A session token that was handed out. */
export interface IssuedEvent {
  readonly useCase: string
  /** Keyed hash of the customer's id; undefined where none was named. */
  readonly customer: string | undefined
  /** Seconds since the epoch. */
  readonly expiresAt: number
}

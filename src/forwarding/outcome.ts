import type { Reason } from '../gate/reasons.ts'
import type { UpstreamFault } from './faults.ts'

/** Reasons of the gateway's own why an exchange came to nothing. */
export type OwnRefusal = Extract<
  Reason,
  'body_too_large' | 'field_invalid' | 'overloaded' | 'draining' | 'budget_exhausted'
>

/** How an exchange with the upstream ended. */
export interface Outcome {
  /**
   * - `complete`: the client got the whole answer of the upstream.
   * - `refused`: the client got nothing yet; answer it with `reason`.
   * - `cut`: the answer broke off after it had begun; the client's connection was closed to show it.
   * - `gone`: the client went away first.
   */
  readonly end: 'complete' | 'refused' | 'cut' | 'gone'
  readonly reason: UpstreamFault | OwnRefusal | undefined
  /** Status of the upstream's answer; undefined when there was none. */
  readonly upstreamStatus: number | undefined
  /** Error code of the platform behind a fault; `''` when there was none. */
  readonly errorCode: string
  /** Octets of the request's body that were taken, and of the response's body that were passed on. */
  readonly bytesIn: number
  readonly bytesOut: number
  /** How often the request was sent again after an attempt that failed. */
  readonly retries: 0 | 1
  /** Milliseconds from the first dispatch to the head of the answer; undefined when none came. */
  readonly upstreamMs: number | undefined
  /**
   * When the request was first dispatched, in milliseconds of `performance.now()`; undefined when it was not, or when this
   * client only shared the answer.
   */
  readonly sentAt: number | undefined
  /** Where the budget has no place: whole seconds until it has one. */
  readonly retryAfterSec?: number | undefined
  /** Body of a 401 that the upstream answered, if it was a short JSON; undefined for any other answer. */
  readonly unauthorizedBody: string | undefined
}

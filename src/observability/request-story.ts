import type { Decision } from '../gate/decision.ts'
import type { Reason } from '../gate/reasons.ts'

/** Everything that is told about a request, once, when it is over. */
export interface RequestStory {
  readonly requestId: string
  readonly method: string
  readonly clientAddress: string
  /** Undefined when the message was so malformed that there was nothing to decide about. */
  readonly decision: Decision | undefined
  /** Why the request was not answered by the upstream, or why that answer broke off. */
  readonly reason: Reason | undefined
  /** Status that the client got; 499 when it went away before it got one. */
  readonly status: number
  readonly durationMs: number
  readonly upstreamMs: number | undefined
  /** When the request arrived, and when it was first sent to the upstream: milliseconds of `performance.now()`. */
  readonly startedAt?: number
  /** Undefined where it was not sent, or went along with an identical read of the same session. */
  readonly sentAt?: number | undefined
  /** Status that the upstream answered, whatever the client got. */
  readonly upstreamStatus?: number | undefined
  /** Such as `1.1`. */
  readonly httpVersion?: string
  /** How often the request was sent to the upstream again; undefined where it was not sent at all. */
  readonly retries?: number | undefined
  readonly bytesIn: number
  readonly bytesOut: number
  /** Of a session token that was asked for: its use case, and the keyed digest of the customer who asked. */
  readonly useCase?: string | undefined
  readonly customer?: string | undefined
  /** Error code of the platform behind a fault; `''` when there was none. */
  readonly errorCode: string
}

/** Told of every request at its end. Must not throw and must not wait. */
export type Observe = (story: RequestStory) => void

/** Status by which logs name a request whose client went away (a convention that nginx began). */
export const clientGoneStatus = 499

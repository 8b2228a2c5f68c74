import type { UpstreamFault } from './faults.ts'

/** What is known for certain about an attempt that failed. */
export interface FailedAttempt {
  readonly fault: UpstreamFault
  /** Not one octet of the request was written: there was no connection to write it on. */
  readonly isUnsent: boolean
  /** The connection had carried an answer before, so that the upstream may have been about to close it. */
  readonly isReused: boolean
  /** Octets of an answer came. */
  readonly hasAnswerBegun: boolean
}

export interface RepeatableRequest {
  readonly method: string
  /** The client said by an `Idempotency-Key` that the upstream may get this request twice and has to do it once. */
  readonly hasIdempotencyKey: boolean
}

/** The request that failed. */
export interface FailedRequest extends RepeatableRequest {
  /** The whole body is still here, or there is none. */
  readonly isBodyInHand: boolean
}

/**
 * The rule by which a request is sent a second time; there is no other one, and there is never a third time.
 *
 * A payment that is done twice is worse than one that is not done, so a repetition needs a proof or a promise: either
 * nothing was sent at all, or an idle connection that the upstream closes at its own pleasure ended in place of an
 * answer, and doing the request twice does no harm (RFC 9110 §9.2.2): it only reads, or its `Idempotency-Key` makes the
 * upstream do it once. A fresh connection that ends means that the upstream failed on this very request.
 */
export function mayRetry(attempt: FailedAttempt, request: FailedRequest): boolean {
  // A fault of ours would only repeat itself.
  if (attempt.isUnsent) return attempt.fault !== 'internal_fault'
  if (attempt.fault !== 'upstream_reset' || !attempt.isReused || attempt.hasAnswerBegun) return false
  return request.isBodyInHand && isRepeatable(request)
}

/** Whether doing the request twice does no harm. */
export function isRepeatable({ method, hasIdempotencyKey }: RepeatableRequest): boolean {
  return hasIdempotencyKey || method === 'GET' || method === 'HEAD'
}

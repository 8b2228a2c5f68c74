import type { RequestIds } from './request-head.ts'

// version "00", trace id, parent id, flags (W3C Trace Context §3.2). All-zero ids are not valid.
const traceparent = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/

/** The trace that a request belongs to, and the `traceparent` that travels on. */
export interface TraceContext {
  readonly traceId: string
  readonly traceparent: string
  /** Whether the client's `traceparent` is carried on; only then does its `tracestate` mean anything. */
  readonly isContinued: boolean
}

/**
 * Joins the client's trace, the gateway being a span of it, or begins one.
 *
 * @see {@link https://www.w3.org/TR/trace-context/ | W3C Trace Context}
 */
export function joinTrace(received: string | undefined, { traceId, spanId }: RequestIds): TraceContext {
  const [, receivedId, flags] = (received !== undefined && traceparent.exec(received)) || []
  if (receivedId === undefined) return { traceId, traceparent: `00-${traceId}-${spanId}-00`, isContinued: false }
  return { traceId: receivedId, traceparent: `00-${receivedId}-${spanId}-${flags}`, isContinued: true }
}

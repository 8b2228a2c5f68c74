import { type RemoteSpan, readDatadogTrace } from './datadog-trace.ts'
import type { RequestFacts } from './request-facts.ts'
import type { RequestIds } from './request-head.ts'

// version "00", trace id, parent id, flags (W3C Trace Context §3.2). All-zero ids are not valid.
const traceparent = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/

/** Which requests get spans. */
export interface Sampling {
  /** Whether a trace is sampled. @param randomId 32 random lower-case hex digits that no client can choose */
  readonly samples: (randomId: string) => boolean
  /** Whether what a client has decided about its trace holds here, too. Otherwise `samples` decides about all. */
  readonly trustsClient: boolean
}

/** The gateway's own spans of a request that is sampled. Ids of 16 lower-case hex digits. */
export interface OwnSpans {
  /** The client's span; undefined: it has none. */
  readonly parentId: string | undefined
  /** From the request's arrival to the end of its answer. */
  readonly serverSpanId: string
  /** The call of Forage, which its `traceparent` names. */
  readonly clientSpanId: string
}

/** The trace that a request belongs to, and the `traceparent` that travels on. */
export interface TraceContext {
  readonly traceId: string
  readonly traceparent: string
  /** Whether the client's `traceparent` is carried on; only then does its `tracestate` mean anything. */
  readonly isContinued: boolean
  /** Undefined: the request is not sampled. */
  readonly spans: OwnSpans | undefined
}

/**
 * Joins the client's trace, the gateway being a span of it, or begins one. What is not valid is left out of account, and
 * never a reason to refuse a request.
 *
 * @param sampling null: there are no spans, and what the client has decided travels on as it is
 * @see {@link https://www.w3.org/TR/trace-context/ | W3C Trace Context}
 */
export function joinTrace(
  facts: Pick<RequestFacts, 'traceparent' | 'datadog'>,
  ids: RequestIds,
  sampling: Sampling | null,
): TraceContext {
  const continued = facts.traceparent === undefined ? undefined : readTraceparent(facts.traceparent)
  const remote = continued ?? (facts.datadog && readDatadogTrace(facts.datadog))
  const isSampled = sampling !== null && decideSampling(sampling, remote?.flags, ids.traceId)
  const flags = sampling === null ? (remote?.flags ?? '00') : withSampled(remote?.flags, isSampled)
  const traceId = remote?.traceId ?? ids.traceId
  const clientSpanId = ids.clientSpanId ?? ids.spanId
  return {
    traceId,
    traceparent: `00-${traceId}-${clientSpanId}-${flags}`,
    isContinued: continued !== undefined,
    spans: isSampled ? { parentId: remote?.spanId, serverSpanId: ids.spanId, clientSpanId } : undefined,
  }
}

function readTraceparent(text: string): RemoteSpan | undefined {
  const [, traceId, spanId, flags] = traceparent.exec(text) ?? []
  return traceId === undefined ? undefined : { traceId, spanId, flags }
}

/** A client could pick a trace id that is always sampled: the one that decides is drawn here, whosever trace it is. */
function decideSampling({ samples, trustsClient }: Sampling, flags: string | undefined, randomId: string): boolean {
  return trustsClient && flags !== undefined ? hasSampled(flags) : samples(randomId)
}

/** The lowest bit (W3C Trace Context §3.2.2.5.1). */
function hasSampled(flags: string): boolean {
  return (Number.parseInt(flags, 16) & 1) === 1
}

function withSampled(flags: string | undefined, isSampled: boolean): string {
  if (flags === undefined) return isSampled ? '01' : '00'
  if (hasSampled(flags) === isSampled) return flags
  return (Number.parseInt(flags, 16) ^ 1).toString(16).padStart(2, '0')
}

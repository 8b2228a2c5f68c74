import type { HrTime, SpanContext } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import type { OwnSpans } from '../gate/trace-context.ts'
import type { RequestStory } from './request-story.ts'
import {
  clientAttributes,
  clientErrorOf,
  type ServerFacts,
  serverAttributes,
  serverErrorOf,
  spanNameOf,
  type UpstreamFacts,
} from './span-attributes.ts'
import { isUpstreamFault } from './verdict.ts'

/** What all spans of a process have in common. */
export interface SpanSurroundings {
  readonly resource: Resource
  /** One and the same object for all: the exporter puts together what has the same. */
  readonly scope: ReadableSpan['instrumentationScope']
  readonly server: ServerFacts
  readonly upstream: UpstreamFacts
  /** What `performance.now()` and the clock differ by: milliseconds since the epoch at its zero. */
  readonly clockOffsetMs: () => number
}

type Told = Pick<ReadableSpan, 'name' | 'kind' | 'attributes' | 'status'> & {
  readonly context: SpanContext
  readonly parent: SpanContext | undefined
  /** Milliseconds since the epoch. */
  readonly startMs: number
  readonly endMs: number
}

// Numbers of OpenTelemetry's API, which is there when tracing is on only.
const kinds = { server: 1, client: 2 } as const
const statuses = { unset: 0, error: 2 } as const
const sampled = 1

/**
 * Makes the spans of a request that is over, under the ids that went over the wire: one for the request, and under it one
 * for the call of Forage, if there was one.
 */
export function spansOf(story: RequestStory, spans: OwnSpans, surroundings: SpanSurroundings): readonly ReadableSpan[] {
  const { server, upstream, clockOffsetMs } = surroundings
  const traceId = story.decision?.traceId as string
  const offsetMs = clockOffsetMs()
  const { startedAt = performance.now() - story.durationMs, sentAt } = story
  const name = spanNameOf(story)
  const endMs = offsetMs + startedAt + story.durationMs
  const own = contextOf(traceId, spans.serverSpanId)
  const request = spanOf(surroundings, {
    name,
    kind: kinds.server,
    context: own,
    parent: spans.parentId === undefined ? undefined : { ...contextOf(traceId, spans.parentId), isRemote: true },
    startMs: offsetMs + startedAt,
    endMs,
    status: statusOf(serverErrorOf(story)),
    attributes: serverAttributes(story, server),
  })
  if (sentAt === undefined) return [request]
  const call = spanOf(surroundings, {
    name,
    kind: kinds.client,
    context: contextOf(traceId, spans.clientSpanId),
    parent: own,
    startMs: offsetMs + sentAt,
    endMs: hasEndedWithHead(story) ? offsetMs + sentAt + (story.upstreamMs as number) : endMs,
    status: statusOf(clientErrorOf(story)),
    attributes: clientAttributes(story, upstream),
  })
  return [request, call]
}

/** What follows the head of an answer takes as long as the client reads, unless the upstream breaks it off. */
function hasEndedWithHead({ upstreamMs, reason }: RequestStory): boolean {
  return upstreamMs !== undefined && (reason === undefined || !isUpstreamFault(reason))
}

function contextOf(traceId: string, spanId: string): SpanContext {
  return { traceId, spanId, traceFlags: sampled }
}

function statusOf(errorType: string | undefined): ReadableSpan['status'] {
  return { code: errorType === undefined ? statuses.unset : statuses.error }
}

function spanOf({ resource, scope }: SpanSurroundings, told: Told): ReadableSpan {
  const { name, kind, context, parent, startMs, endMs, status, attributes } = told
  return {
    name,
    kind,
    spanContext: () => context,
    ...(parent && { parentSpanContext: parent }),
    startTime: hrTime(startMs),
    endTime: hrTime(endMs),
    duration: hrTime(endMs - startMs),
    status,
    attributes,
    resource,
    instrumentationScope: scope,
    links: [],
    events: [],
    ended: true,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

/** Seconds and nanoseconds, to the microsecond: a number since the epoch holds no more. */
function hrTime(ms: number): HrTime {
  const microseconds = Math.round(ms * 1000)
  const seconds = Math.floor(microseconds / 1_000_000)
  return [seconds, (microseconds - seconds * 1_000_000) * 1000]
}

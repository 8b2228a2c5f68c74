import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Outcome } from '../forwarding/outcome.ts'
import type { Decision } from '../gate/decision.ts'
import { type Check, type Denial, denials, type Reason } from '../gate/reasons.ts'
import type { RequestHead } from '../gate/request-head.ts'
import type { RequestStory } from '../observability/request-story.ts'
import { answer } from './answer.ts'
import { connectionOf } from './connection.ts'
import { hasKnownFraming } from './read-head.ts'
import { refusal } from './refusal.ts'
import type { StandaloneOptions } from './standalone-options.ts'

/** A request on its way through. */
export interface Visit {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly head: RequestHead
  readonly startedAt: number
}

/** How a visit ended, for the log. */
export type Ending = Partial<
  Pick<Outcome, 'bytesIn' | 'bytesOut' | 'upstreamMs' | 'errorCode' | 'retries' | 'sentAt' | 'upstreamStatus'>
> &
  Pick<RequestStory, 'useCase' | 'customer'> & { readonly reason?: Reason | undefined }

/** A refusal: how it is answered, and what else is known of it. */
export interface Refused extends Ending {
  /** Default: the denial of the reason. */
  readonly denial?: Denial | undefined
  readonly reason: Reason
  /** After how many seconds it is worth asking again. */
  readonly retryAfterSec?: number | undefined
}

/** The ways in which the gateway itself ends a visit. Each tells the log, once. */
export interface VisitEnds {
  refuse(visit: Visit, decision: Decision | undefined, refused: Refused): void
  /** Answers with something of our own that is no refusal. */
  answerOwn(visit: Visit, decision: Decision, own: OwnAnswer): void
  tell(visit: Visit, decision: Decision | undefined, status: number, ending?: Ending): void
  /** The fields that every answer gets: CORS, request id, and the end of the connection where it has come. */
  answerFields(visit: Visit, decision: Decision): string[]
}

export interface OwnAnswer extends Ending {
  readonly status: number
  /** Name, value … */
  readonly fields: readonly string[]
  readonly body: string
}

/**
 * Whose refusals end the connection: what can be read in two ways may not end where we think, and what follows an
 * upgrade may be of the other protocol.
 */
const doubtfulChecks: ReadonlySet<Check> = new Set<Check>(['protocol', 'target'])

export const noEnding = { bytesIn: 0, bytesOut: 0, upstreamMs: undefined, errorCode: '' }

type EndsOptions = Required<Pick<StandaloneOptions, 'observe' | 'isDraining' | 'crossOriginFields'>>

export function createVisitEnds({ observe, isDraining, crossOriginFields }: EndsOptions): VisitEnds {
  function refuse(visit: Visit, decision: Decision | undefined, refused: Refused): void {
    const { request, response, head } = visit
    const { target, ids, fields } = head
    const { denial = denials[refused.reason], retryAfterSec = 0 } = refused
    const responseFields = decision?.responseFields ?? crossOriginFields(fields)
    const ours = refusal(denial, { target, requestId: ids.requestId, responseFields, retryAfterSec })
    answer(request, response, ours, isLast(visit) || doubtfulChecks.has(denial.check))
    tell(visit, decision, denial.status, refused, Buffer.byteLength(ours.body))
  }

  function answerOwn(visit: Visit, decision: Decision, own: OwnAnswer): void {
    const { request, response } = visit
    const { status, fields, body } = own
    const all = [...fields, ...answerFields(visit, decision)]
    answer(request, response, { status, fields: all, body }, false)
    tell(visit, decision, status, own, Buffer.byteLength(body))
  }

  /** Member by member: with a spread in front of them, V8 takes twenty microseconds for this literal, and one without. */
  function tell(
    visit: Visit,
    decision: Decision | undefined,
    status: number,
    ending: Ending = {},
    bytesOut: number = ending.bytesOut ?? 0,
  ): void {
    const { request, head, startedAt } = visit
    observe({
      requestId: head.ids.requestId,
      method: head.method,
      clientAddress: head.clientAddress,
      decision,
      reason: ending.reason,
      status,
      durationMs: performance.now() - startedAt,
      upstreamMs: ending.upstreamMs,
      startedAt,
      sentAt: ending.sentAt,
      upstreamStatus: ending.upstreamStatus,
      httpVersion: request.httpVersion,
      retries: ending.retries,
      bytesIn: ending.bytesIn ?? 0,
      bytesOut,
      useCase: ending.useCase,
      customer: ending.customer,
      errorCode: ending.errorCode ?? '',
    })
  }

  function answerFields(visit: Visit, decision: Decision): string[] {
    const fields = [...decision.responseFields, 'x-request-id', visit.head.ids.requestId]
    if (isLast(visit)) fields.push('Connection', 'close')
    return fields
  }

  /** Whether the connection ends with this answer. Only the newest one may say so: those behind it would be lost. */
  function isLast({ request, response }: Visit): boolean {
    const connection = connectionOf(request.socket)
    if (connection.owed.last !== response) return false
    const isBroken = connection.fault !== undefined && !request.complete
    connection.isClosing ||= isBroken || isDraining() || !hasKnownFraming(request)
    return connection.isClosing
  }

  return { refuse, answerOwn, tell, answerFields }
}

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Outcome } from '../forwarding/outcome.ts'
import type { Allowed, Decision, Preflight } from '../gate/decision.ts'
import { type Denial, denials, edgeDenials, type Reason } from '../gate/reasons.ts'
import type { RequestHead } from '../gate/request-head.ts'
import { clientGoneStatus } from '../observability/request-story.ts'
import { answer, readToEnd } from './answer.ts'
import { createBodyPlaces } from './body-places.ts'
import { connectionOf, enter } from './connection.ts'
import { createHttpServer } from './http-server.ts'
import { createMalformedListeners, type OnMalformed } from './malformed.ts'
import { hasKnownFraming, readHead } from './read-head.ts'
import { refusal } from './refusal.ts'
import { type StandaloneOptions, standaloneDefaults } from './standalone-options.ts'

/** A request on its way through. */
interface Visit {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly head: RequestHead
  readonly startedAt: number
}

/** How a visit ended, for the log. */
type Ending = Partial<Pick<Outcome, 'bytesIn' | 'bytesOut' | 'upstreamMs' | 'errorCode'>> & {
  readonly status: number
  readonly reason?: Reason | undefined
}

const noEnding = { bytesIn: 0, bytesOut: 0, upstreamMs: undefined, errorCode: '' }

/**
 * The gateway as a reverse proxy of its own. A request's way: its head goes to the gate; what the gate decides is
 * performed (refused, answered as a preflight, or forwarded); and the log is told once, at the end.
 */
export function createStandalone(given: StandaloneOptions): Server {
  const options: Required<StandaloneOptions> = { ...standaloneDefaults, ...given }
  const { gate, upstream, observe, nextIds, isOverloaded, findClientAddress } = options
  const places = createBodyPlaces({ places: options.bodyPlaces, timeoutMs: options.clientTimeoutMs })

  function receive(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    if (!enter(socket, response)) return
    response.once('close', () => {
      connectionOf(socket).owed.delete(response)
      malformed.afterAnswer(socket)
    })
    const head = readHead(request, nextIds(), findClientAddress)
    const visit = { request, response, head, startedAt: performance.now() }
    if (isOverloaded()) refuse(visit, undefined, denials.overloaded, { reason: 'overloaded' })
    else if (hasKnownFraming(request)) decide(visit)
    else refuse(visit, undefined, denials.field_invalid, { reason: 'field_invalid' })
  }

  function decide(visit: Visit): void {
    try {
      const decision = gate.decide(visit.head)
      if (decision instanceof Promise) decision.then(known => perform(visit, known)).catch(error => fail(visit, error))
      else perform(visit, decision)
    } catch (error) {
      fail(visit, error)
    }
  }

  function perform(visit: Visit, decision: Decision): void {
    if (decision.outcome === 'allow') enterPlace(visit, decision)
    else if (decision.outcome === 'deny') refuse(visit, decision, denials[decision.reason], { reason: decision.reason })
    else answerPreflight(visit, decision)
  }

  function enterPlace(visit: Visit, decision: Allowed): void {
    places.enter(visit.request, visit.response, {
      go: () => forward(visit, decision),
      onGone: () => tell(visit, decision, { status: clientGoneStatus }),
      onMalformed: () => refuse(visit, decision, denials.field_invalid, { reason: 'field_invalid' }),
    })
  }

  function forward(visit: Visit, decision: Allowed): void {
    const { request, response } = visit
    const exchange = upstream.forward(
      {
        request,
        response,
        responseFields: () => answerFields(visit, decision),
        onEnd: outcome => conclude(visit, decision, outcome),
      },
      decision,
    )
    const { owed } = connectionOf(request.socket)
    if (owed.has(response)) owed.set(response, exchange)
  }

  function conclude(visit: Visit, decision: Allowed, outcome: Outcome): void {
    const { request } = visit
    const { end, reason, upstreamStatus } = outcome
    if (end === 'refused') {
      const edge =
        reason === 'upstream_invalid' && upstreamStatus !== undefined ? edgeDenials[upstreamStatus] : undefined
      refuse(visit, decision, edge ?? denials[reason ?? 'internal_fault'], outcome)
      return
    }
    if (outcome.unauthorizedBody !== undefined) options.onUnauthorized(decision, outcome.unauthorizedBody)
    if (end === 'complete' && !request.complete) readToEnd(request, () => {})
    tell(visit, decision, { ...outcome, status: end === 'gone' ? clientGoneStatus : (upstreamStatus ?? 0) })
  }

  function refuse(visit: Visit, decision: Decision | undefined, denial: Denial, ending: Omit<Ending, 'status'>): void {
    const { request, response, head } = visit
    const { target, ids } = head
    const responseFields = decision?.responseFields ?? options.crossOriginFields(head.fields)
    const ours = refusal(denial, { target, requestId: ids.requestId, responseFields })
    // What follows an upgrade may be of the other protocol.
    answer(request, response, ours, isLast(visit) || ending.reason === 'upgrade_not_supported')
    tell(visit, decision, { ...ending, status: denial.status, bytesOut: Buffer.byteLength(ours.body) })
  }

  function answerPreflight(visit: Visit, decision: Preflight): void {
    const { request, response } = visit
    answer(request, response, { status: 204, fields: answerFields(visit, decision), body: '' }, false)
    tell(visit, decision, { status: 204 })
  }

  /** A fault of ours ends one request, never the process. */
  function fail(visit: Visit, error: unknown): void {
    options.onFault(error, visit.head.ids.requestId)
    if (visit.response.headersSent) visit.response.destroy()
    else refuse(visit, undefined, denials.internal_fault, { reason: 'internal_fault' })
  }

  function answerFields(visit: Visit, decision: Decision): string[] {
    const fields = [...decision.responseFields, 'x-request-id', visit.head.ids.requestId]
    if (isLast(visit)) fields.push('Connection', 'close')
    return fields
  }

  /** Whether the connection ends with this answer. Only the newest one may say so: those behind it would be lost. */
  function isLast({ request, response }: Visit): boolean {
    const connection = connectionOf(request.socket)
    if (connection.newest !== response) return false
    const isBroken = connection.fault !== undefined && !request.complete
    connection.isClosing ||= isBroken || options.isDraining() || !hasKnownFraming(request)
    return connection.isClosing
  }

  function tell({ head, startedAt }: Visit, decision: Decision | undefined, ending: Ending): void {
    const { method, clientAddress, ids } = head
    const durationMs = performance.now() - startedAt
    observe({
      ...noEnding,
      reason: undefined,
      ...ending,
      requestId: ids.requestId,
      method,
      clientAddress,
      decision,
      durationMs,
    })
  }

  const onMalformed: OnMalformed = (socket, reason, requestId, bytesOut) => {
    const clientAddress = findClientAddress(socket.remoteAddress ?? '', [])
    const { status } = denials[reason]
    observe({
      ...noEnding,
      requestId,
      method: '',
      clientAddress,
      decision: undefined,
      reason,
      status,
      durationMs: 0,
      bytesOut,
    })
  }

  const malformed = createMalformedListeners(() => nextIds().requestId, onMalformed)
  const server = createHttpServer(options, receive)
  server.on('clientError', malformed.clientError as (error: Error, socket: Duplex) => void)
  server.on('connect', malformed.connect as (request: IncomingMessage, socket: Duplex) => void)
  return server
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Outcome } from '../forwarding/outcome.ts'
import type { Upstream } from '../forwarding/upstream.ts'
import { type Gate, maxTargetLength } from '../gate/decide.ts'
import type { Allowed, Decision, Preflight } from '../gate/decision.ts'
import { type Denial, denials, edgeDenials, type Reason } from '../gate/reasons.ts'
import type { RequestHead, RequestIds } from '../gate/request-head.ts'
import { clientGoneStatus, type Observe } from '../observability/request-story.ts'
import { answer, readToEnd } from './answer.ts'
import { connectionOf, enter } from './connection.ts'
import { createMalformedListener, type OnMalformed, refuseConnection } from './malformed.ts'
import { refusal } from './refusal.ts'

export interface StandaloneOptions {
  readonly gate: Gate
  readonly upstream: Upstream
  readonly observe: Observe
  /** Told of a fault of our own, whose request is answered with 500. */
  readonly onFault: (error: unknown, requestId: string) => void
  readonly nextIds: () => RequestIds
  readonly maxHeaderBytes: number
  /** Whether the gateway is shutting down: answers then end their connection. */
  readonly isDraining: () => boolean
}

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
export function createStandalone(options: StandaloneOptions): Server {
  const { gate, upstream, observe, nextIds } = options

  function receive(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    if (!enter(socket)) return
    response.once('close', () => leave(socket))
    const visit = { request, response, head: readHead(request, nextIds()), startedAt: performance.now() }
    try {
      const decision = gate.decide(visit.head)
      if (decision instanceof Promise) decision.then(known => perform(visit, known)).catch(error => fail(visit, error))
      else perform(visit, decision)
    } catch (error) {
      fail(visit, error)
    }
  }

  function perform(visit: Visit, decision: Decision): void {
    if (decision.outcome === 'allow') forward(visit, decision)
    else if (decision.outcome === 'deny') refuse(visit, decision, denials[decision.reason], { reason: decision.reason })
    else answerPreflight(visit, decision)
  }

  function forward(visit: Visit, decision: Allowed): void {
    const { request, response, head } = visit
    const connection = connectionOf(request.socket)
    const exchange = upstream.forward(
      {
        request,
        response,
        responseFields: () => answerFields(head, decision),
        onEnd: outcome => conclude(visit, decision, outcome),
      },
      decision,
    )
    if (exchange.body) connection.breakOff = () => exchange.breakOff()
  }

  function conclude(visit: Visit, decision: Allowed, outcome: Outcome): void {
    const { request } = visit
    connectionOf(request.socket).breakOff = undefined
    const { end, reason, upstreamStatus } = outcome
    if (end === 'refused') {
      const edge =
        reason === 'upstream_invalid' && upstreamStatus !== undefined ? edgeDenials[upstreamStatus] : undefined
      refuse(visit, decision, edge ?? denials[reason ?? 'internal_fault'], outcome)
      return
    }
    if (end === 'complete' && !request.complete) readToEnd(request, () => {})
    tell(visit, decision, { ...outcome, status: end === 'gone' ? clientGoneStatus : (upstreamStatus ?? 0) })
  }

  function refuse(visit: Visit, decision: Decision | undefined, denial: Denial, ending: Omit<Ending, 'status'>): void {
    const { request, response, head } = visit
    const { target, ids } = head
    const ours = refusal(denial, { target, requestId: ids.requestId, responseFields: decision?.responseFields ?? [] })
    answer(request, response, ours, options.isDraining() || connectionOf(request.socket).fault !== undefined)
    tell(visit, decision, { ...ending, status: denial.status, bytesOut: ours.body.length })
  }

  function answerPreflight(visit: Visit, decision: Preflight): void {
    const fields = answerFields(visit.head, decision)
    answer(visit.request, visit.response, { status: 204, fields, body: '' }, options.isDraining())
    tell(visit, decision, { status: 204 })
  }

  /** A fault of ours ends one request, never the process. */
  function fail(visit: Visit, error: unknown): void {
    options.onFault(error, visit.head.ids.requestId)
    if (visit.response.headersSent) visit.response.destroy()
    else refuse(visit, undefined, denials.internal_fault, { reason: 'internal_fault' })
  }

  function answerFields({ ids }: RequestHead, decision: Decision): string[] {
    const fields = [...decision.responseFields, 'x-request-id', ids.requestId]
    if (options.isDraining()) fields.push('Connection', 'close')
    return fields
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
    const clientAddress = socket.remoteAddress ?? ''
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

  /** The last answer owed on a connection is out: a fault that was met meanwhile is now told. */
  function leave(socket: Socket): void {
    const connection = connectionOf(socket)
    connection.active--
    if (connection.active > 0 || connection.fault === undefined || !socket.writable) return
    refuseConnection(socket, connection.fault, nextIds().requestId, onMalformed)
  }

  const server = createServer(serverOptions(options.maxHeaderBytes), receive)
  server.maxHeadersCount = 0
  server.on('checkContinue', receive).on('checkExpectation', receive)
  server.on(
    'clientError',
    createMalformedListener(() => nextIds().requestId, onMalformed),
  )
  server.on('connect', (_request, socket) =>
    refuseConnection(socket as Socket, 'upgrade_not_supported', nextIds().requestId, onMalformed),
  )
  return server
}

/** Strict about the protocol, patient with idle connections, and not with slow heads. */
function serverOptions(maxHeaderBytes: number) {
  return {
    insecureHTTPParser: false,
    // The gate judges Host, so that its absence is answered with the envelope.
    requireHostHeader: false,
    // Above the gate's own limits, which then decide to the octet.
    maxHeaderSize: maxHeaderBytes + maxTargetLength + 1024,
    headersTimeout: 10_000,
    requestTimeout: 300_000,
    // Longer than the idle time of usual load balancers, so that it is they who close.
    keepAliveTimeout: 65_000,
    connectionsCheckingInterval: 1000,
  }
}

function readHead({ method = '', url = '', rawHeaders, socket }: IncomingMessage, ids: RequestIds): RequestHead {
  return { method, target: url, fields: rawHeaders, clientAddress: socket.remoteAddress ?? '', scheme: 'http', ids }
}

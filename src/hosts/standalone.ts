import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import process from 'node:process'
import type { Duplex } from 'node:stream'
import type { Outcome } from '../forwarding/outcome.ts'
import { hasBody } from '../forwarding/request-body.ts'
import type { Allowed, Decision, Denied } from '../gate/decision.ts'
import { denials, edgeDenials } from '../gate/reasons.ts'
import { clientGoneStatus } from '../observability/request-story.ts'
import { readToEnd } from './answer.ts'
import { createBodyPlaces, isMalformed } from './body-places.ts'
import { connectionOf, enter } from './connection.ts'
import { HeldRequest } from './held-request.ts'
import { createHttpServer } from './http-server.ts'
import { createIssueVisits } from './issue-visit.ts'
import { createMalformedListeners, tellMalformed } from './malformed.ts'
import { createPassages } from './passages.ts'
import { hasKnownFraming, readHead } from './read-head.ts'
import { type StandaloneOptions, standaloneDefaults } from './standalone-options.ts'
import { createVisitEnds, type Visit } from './visit.ts'

/**
 * The gateway as a reverse proxy of its own. A request's way: its head goes to the gate; what the gate decides is
 * performed (refused, answered here, or forwarded); and the log is told once, at the end.
 */
export function createStandalone(given: StandaloneOptions): Server {
  const options: Required<StandaloneOptions> = { ...standaloneDefaults, ...given }
  const { gate, observe, nextIds, isOverloaded, findClientAddress } = options
  const places = createBodyPlaces({ places: options.bodyPlaces, timeoutMs: options.clientTimeoutMs })
  const passages = createPassages(options.upstream, options.budget)
  const ends = createVisitEnds(options)
  const issue = createIssueVisits(options.issueSessionToken, ends, options.clientTimeoutMs)

  function receive(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    if (!enter(socket, response)) return
    response.on('close', onClose)
    const head = readHead(request, nextIds(), findClientAddress)
    const visit = { request, response, head, startedAt: performance.now() }
    if (isOverloaded()) ends.refuse(visit, undefined, { reason: 'overloaded' })
    else if (hasKnownFraming(request)) decide(visit)
    else ends.refuse(visit, undefined, { reason: 'field_invalid' })
  }

  /** A function for all answers: one of its own each, called once, costs Node two more and a search. */
  function onClose(this: ServerResponse): void {
    const { socket } = this.req
    const { owed, isClosing } = connectionOf(socket)
    const underWay = owed.remove(this)
    if (!this.writableFinished) underWay?.abandon()
    else if (owed.size > 0 && !isClosing) owed.release()
    malformed.afterAnswer(socket)
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
    if (decision.outcome === 'allow') takeTurn(visit, decision)
    else if (decision.outcome === 'deny') deny(visit, decision)
    else if (decision.outcome === 'issue') issue(visit, decision).catch(error => fail(visit, error))
    else ends.answerOwn(visit, decision, { status: 204, fields: [], body: '' })
  }

  function deny(visit: Visit, decision: Denied): void {
    const { reason, retryAfterSec } = decision
    if (reason === 'authentication_token') options.onBlockedCredential(visit.head, decision)
    ends.refuse(visit, decision, { reason, retryAfterSec })
  }

  function takeTurn(visit: Visit, decision: Allowed): void {
    const { request, response } = visit
    const { owed } = connectionOf(request.socket)
    if (owed.mayGo(response)) {
      takeBody(visit, decision)
      return
    }
    const onGone = (): void => ends.tell(visit, decision, clientGoneStatus)
    // Decided anew: its session may have been revoked meanwhile, or be over. That it counts twice is its client's affair.
    owed.await(response, new HeldRequest(() => process.nextTick(decide, visit), onGone))
  }

  function takeBody(visit: Visit, decision: Allowed): void {
    if (!hasBody(visit.request)) enterPlace(visit, decision)
    // A short body is usually here as soon as what came with its head has been parsed.
    else process.nextTick(enterLater, visit, decision)
  }

  function enterLater(visit: Visit, decision: Allowed): void {
    try {
      enterPlace(visit, decision)
    } catch (error) {
      fail(visit, error)
    }
  }

  function enterPlace(visit: Visit, decision: Allowed): void {
    const { request, response } = visit
    if (isMalformed(request)) breakOff(visit, decision)
    else if (places.takes(request)) forward(visit, decision)
    else
      places.wait(request, response, {
        go: () => forward(visit, decision),
        onGone: () => ends.tell(visit, decision, clientGoneStatus),
        onMalformed: () => breakOff(visit, decision),
      })
  }

  function breakOff(visit: Visit, decision: Allowed): void {
    ends.refuse(visit, decision, { reason: 'field_invalid' })
  }

  function forward(visit: Visit, decision: Allowed): void {
    const { request, response } = visit
    const underWay = passages.enter(visit.head, decision, {
      request,
      response,
      responseFields: () => ends.answerFields(visit, decision),
      onEnd: outcome => conclude(visit, decision, outcome),
    })
    connectionOf(request.socket).owed.await(response, underWay)
  }

  function conclude(visit: Visit, decision: Allowed, outcome: Outcome): void {
    const { request } = visit
    const { end, reason = 'internal_fault', upstreamStatus } = outcome
    if (end === 'refused') {
      const isEdgePage = reason === 'upstream_invalid' && upstreamStatus !== undefined
      const denial = (isEdgePage ? edgeDenials[upstreamStatus] : undefined) ?? denials[reason]
      ends.refuse(visit, decision, { ...outcome, reason, denial })
      return
    }
    const { onUnauthorized } = options
    if (outcome.unauthorizedBody !== undefined)
      onUnauthorized(decision, outcome.unauthorizedBody, visit.head.clientAddress)
    if (end === 'complete' && !request.complete) readToEnd(request, () => {})
    ends.tell(visit, decision, end === 'gone' ? clientGoneStatus : (upstreamStatus ?? 0), outcome)
  }

  /** A fault of ours ends one request, never the process. */
  function fail(visit: Visit, error: unknown): void {
    options.onFault(error, visit.head.ids.requestId)
    if (visit.response.headersSent) visit.response.destroy()
    else ends.refuse(visit, undefined, { reason: 'internal_fault' })
  }

  const onMalformed = tellMalformed(observe, findClientAddress)
  const malformed = createMalformedListeners(() => nextIds().requestId, onMalformed)
  const server = createHttpServer(options, receive)
  server.on('clientError', malformed.clientError as (error: Error, socket: Duplex) => void)
  server.on('connect', malformed.connect as (request: IncomingMessage, socket: Duplex) => void)
  return server
}

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Allowed, Decision } from '../gate/decision.ts'
import type { Reason } from '../gate/reasons.ts'
import { createRequestIds } from '../observability/request-ids.ts'
import { clientGoneStatus } from '../observability/request-story.ts'
import { isMalformed } from './body-places.ts'
import { connectionOf, enter } from './connection.ts'
import type { GuardParts } from './guard-options.ts'
import { GuardPassage } from './guard-passage.ts'
import { applyDecision, forgetExpectation } from './guard-request.ts'
import { forgetBody } from './guard-response.ts'
import { guardMalformed } from './guard-server.ts'
import { createMalformedListeners, tellMalformed } from './malformed.ts'
import { hasKnownFraming, readHead } from './read-head.ts'
import { createVisitEnds, type Refused, type Visit } from './visit.ts'

/** What a guard has to know of the server that it stands in. */
export interface GuardHost {
  /** The request-target that whoever stands behind handles or forwards. */
  targetOf(request: IncomingMessage): string
  /** What keeps a request that the gate allows from going on here; undefined: nothing. */
  findHindrance(request: IncomingMessage): Reason | undefined
  /** Fields in lower case that the decision takes away, and that are kept for whoever stands behind. */
  readonly kept: ReadonlySet<string>
}

/** The ways in which a request leaves the guard. */
export interface GuardExits {
  /** It may go on, and is now what the decision says. */
  pass(passage: GuardPassage): void
  /** Called before the guard answers itself. */
  onTaken?(): void
}

/** The gateway's decision within another server. */
export interface Guard {
  receive(request: IncomingMessage, response: ServerResponse, exits: GuardExits): void
  /** Lets what never becomes a request be answered in the envelope, too. */
  guardServer(server: Server): void
  /** Answers on a connection whose request asked to upgrade it, and ends it. */
  refuseUpgrade(socket: Socket): void
}

/** Makes what all guards have in common. */
export function createGuard(parts: GuardParts, host: GuardHost): Guard {
  const { gate, observe, onFault, findClientAddress, maxBodyBytes } = parts
  const nextIds = createRequestIds()
  const ends = createVisitEnds({ ...parts, isDraining: () => false })
  const onMalformed = tellMalformed(observe, findClientAddress)
  const malformed = createMalformedListeners(() => nextIds().requestId, onMalformed)
  /** What was let through, so that a guard that is met twice decides once. */
  const passed = new WeakMap<IncomingMessage, { readonly said: string; readonly passage: GuardPassage }>()

  function receive(request: IncomingMessage, response: ServerResponse, exits: GuardExits): void {
    const target = host.targetOf(request)
    const earlier = passed.get(request)
    if (earlier?.said === `${request.method} ${target}`) {
      exits.pass(earlier.passage)
      return
    }
    const ids = nextIds()
    if ('stream' in request || response.headersSent) {
      onFault(new TypeError('the guard needs a request of HTTP/1 that nobody has answered yet'), ids.requestId)
      response.destroy()
      return
    }
    const { socket } = request
    if (!enter(socket, response)) return
    response.once('close', () => {
      connectionOf(socket).owed.remove(response)
      malformed.afterAnswer(socket)
    })
    const head = { ...readHead(request, ids, findClientAddress), target }
    const visit = { request, response, head, startedAt: performance.now() }
    forgetExpectation(request)
    if (hasKnownFraming(request)) decide(visit, exits)
    else refuse(visit, undefined, exits, { reason: 'field_invalid' })
  }

  function decide(visit: Visit, exits: GuardExits): void {
    try {
      const decision = gate.decide(visit.head)
      if (decision instanceof Promise)
        decision.then(known => perform(visit, known, exits)).catch(error => fail(visit, error, exits))
      else perform(visit, decision, exits)
    } catch (error) {
      fail(visit, error, exits)
    }
  }

  function perform(visit: Visit, decision: Decision, exits: GuardExits): void {
    const { request, response } = visit
    const refusal = refusalOf(visit, decision)
    if (request.socket.destroyed) ends.tell(visit, decision, clientGoneStatus)
    // Somebody's timer has answered while the session token was verified.
    else if (response.headersSent) ends.tell(visit, decision, response.statusCode)
    else if (refusal) refuse(visit, decision, exits, refusal)
    else if (decision.outcome === 'allow') admit(visit, decision, exits)
    else {
      exits.onTaken?.()
      ends.answerOwn(visit, decision, { status: 204, fields: [], body: '' })
    }
  }

  function refusalOf({ request, head }: Visit, decision: Decision): Refused | undefined {
    // Session tokens are issued by a gateway only: here that is no route.
    if (decision.outcome === 'issue') return { reason: 'route_not_allowed' }
    if (decision.outcome === 'deny') {
      if (decision.reason === 'authentication_token') parts.onBlockedCredential(head, decision)
      return { reason: decision.reason, retryAfterSec: decision.retryAfterSec }
    }
    const hindrance = decision.outcome === 'allow' ? (host.findHindrance(request) ?? bodyFault(request)) : undefined
    return hindrance && { reason: hindrance }
  }

  /** What is known of a body that came while its session token was verified. */
  function bodyFault(request: IncomingMessage): Reason | undefined {
    if (isMalformed(request)) return 'field_invalid'
    return maxBodyBytes !== null && request.readableLength > maxBodyBytes ? 'body_too_large' : undefined
  }

  function admit(visit: Visit, decision: Allowed, exits: GuardExits): void {
    const { request, response, head } = visit
    const { session, route, traceId } = decision
    const { scope, method, template } = route
    const onTaken = (): void => exits.onTaken?.()
    const passage = new GuardPassage(visit, decision, { ends, maxBodyBytes, onTaken })
    connectionOf(request.socket).owed.await(response, passage)
    applyDecision(request, decision, host.kept)
    const { clientAddress, ids } = head
    request.forage = { session, scope, route: { method, template }, requestId: ids.requestId, traceId, clientAddress }
    setFields(response, ends.answerFields(visit, decision))
    passed.set(request, { said: `${request.method} ${head.target}`, passage })
    exits.pass(passage)
  }

  function refuse(visit: Visit, decision: Decision | undefined, exits: GuardExits, refused: Refused): void {
    exits.onTaken?.()
    forgetBody(visit.response)
    ends.refuse(visit, decision, refused)
  }

  /** A fault of ours ends one request, never the process. */
  function fail(visit: Visit, error: unknown, exits: GuardExits): void {
    onFault(error, visit.head.ids.requestId)
    const passage = passed.get(visit.request)?.passage
    if (passage) passage.refuse({ reason: 'internal_fault' })
    else if (visit.response.headersSent) visit.response.destroy()
    else refuse(visit, undefined, exits, { reason: 'internal_fault' })
  }

  return {
    receive,
    guardServer: server => guardMalformed(server, malformed),
    refuseUpgrade: socket => malformed.connect(undefined, socket),
  }
}

/** CORS, request id. Handlers may set others beside them; `Vary` is a list, of which somebody may have begun. */
function setFields(response: ServerResponse, fields: readonly string[]): void {
  for (let index = 0; index < fields.length; index += 2) {
    const [name, value] = fields.slice(index, index + 2) as [string, string]
    if (name === 'Vary') response.appendHeader(name, value)
    else response.setHeader(name, value)
  }
}

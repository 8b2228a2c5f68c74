import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Allowed, Decision } from '../gate/decision.ts'
import { denials, type Reason } from '../gate/reasons.ts'
import { answer } from './answer.ts'
import { connectionOf, enter } from './connection.ts'
import { createFindOrigin } from './forward-auth-address.ts'
import { answersFor } from './forward-auth-answer.ts'
import { contracts } from './forward-auth-front.ts'
import { readOriginalHead, unknownHead } from './forward-auth-head.ts'
import { type ForwardAuthOptions, forwardAuthDefaults } from './forward-auth-options.ts'
import { createHttpServer } from './http-server.ts'
import { createMalformedListeners, type OnMalformed } from './malformed.ts'
import { type Refusal, refusal } from './refusal.ts'
import { createVisitEnds, type Ending, noEnding, type Visit } from './visit.ts'

/**
 * Room for what a front adds to the fields of a request, which are its target, perhaps twice, and a few short ones: so much
 * that what the front itself takes is read to its end here. A front whose question is cut off may miss the answer.
 */
const frontFieldBytes = 64 * 1024

/**
 * The gateway as the authorizer of another proxy: it is asked about each request, and forwards nothing itself. What is
 * said about the request is taken from the fields of one kind of front; a question that leaves any doubt is refused.
 *
 * Clients must not reach this listener: to it, they would be the front.
 */
export function createForwardAuth(given: ForwardAuthOptions): Server {
  const options: Required<ForwardAuthOptions> = { ...forwardAuthDefaults, ...given }
  const { gate, front, nextIds, isDraining, pathPrefix, trustedProxies } = options
  const contract = contracts[front]
  const reader = { contract, pathPrefix, findOrigin: createFindOrigin(trustedProxies, contract.addsAddress) }
  const answers = answersFor(front)
  const ends = createVisitEnds(options)

  function receive(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    if (!enter(socket, response)) return
    response.once('close', () => {
      connectionOf(socket).owed.remove(response)
      malformed.afterAnswer(socket)
    })
    const ids = nextIds()
    const head = readOriginalHead(request, ids, reader)
    const visit = { request, response, head: head ?? unknownHead(request, ids), startedAt: performance.now() }
    if (options.isOverloaded()) deny(visit, undefined, 'overloaded')
    else if (head) decide(visit)
    else deny(visit, undefined, 'field_invalid')
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
    const { head } = visit
    if (decision.outcome === 'allow') allow(visit, decision)
    else if (decision.outcome === 'preflight')
      finish(visit, decision, answers.preflight(head.ids.requestId, decision), { status: 204 })
    // A front has no use for a session token that is answered to it.
    else if (decision.outcome === 'issue') deny(visit, decision, 'route_not_allowed')
    else {
      if (decision.reason === 'authentication_token') options.onBlockedCredential(head, decision)
      deny(visit, decision, decision.reason, decision.retryAfterSec)
    }
  }

  function allow(visit: Visit, decision: Allowed): void {
    if (answers.canRemove(decision)) finish(visit, decision, answers.allow(visit.head, decision), { status: 200 })
    else deny(visit, decision, 'field_invalid')
  }

  function deny(visit: Visit, decision: Decision | undefined, reason: Reason, retryAfterSec = 0): void {
    const { target, ids, fields } = visit.head
    const responseFields = decision?.responseFields ?? options.crossOriginFields(fields)
    const denial = denials[reason]
    const refused = refusal(denial, { target, requestId: ids.requestId, responseFields, retryAfterSec })
    finish(visit, decision, answers.deny(refused, reason), { status: denial.status, reason })
  }

  function finish(
    visit: Visit,
    decision: Decision | undefined,
    told: Refusal,
    { status, ...ending }: Ending & { readonly status: number },
  ): void {
    answer(visit.request, visit.response, told, isDraining())
    ends.tell(visit, decision, status, { ...ending, bytesOut: Buffer.byteLength(told.body) })
  }

  /** A fault of ours ends one request, never the process, and lets nothing in. */
  function fail(visit: Visit, error: unknown): void {
    options.onFault(error, visit.head.ids.requestId)
    if (visit.response.headersSent) visit.response.destroy()
    else deny(visit, undefined, 'internal_fault')
  }

  const onMalformed: OnMalformed = (socket, reason, requestId, bytesOut) => {
    const { status } = denials[reason]
    const clientAddress = socket.remoteAddress ?? ''
    const known = { requestId, method: '', clientAddress, decision: undefined, reason, status, durationMs: 0, bytesOut }
    options.observe({ ...noEnding, ...known })
  }

  const malformed = createMalformedListeners(() => nextIds().requestId, onMalformed)
  const server = createHttpServer({ ...options, maxHeaderBytes: options.maxHeaderBytes + frontFieldBytes }, receive)
  server.on('clientError', malformed.clientError as (error: Error, socket: Duplex) => void)
  server.on('connect', malformed.connect as (request: IncomingMessage, socket: Duplex) => void)
  return server
}

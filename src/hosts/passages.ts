import type { AnswerHead } from '../forwarding/attempt.ts'
import type { Exchange } from '../forwarding/exchange.ts'
import type { ExchangeEvents, ExchangeParties } from '../forwarding/exchange-parties.ts'
import { createSharedReads, type Read, type SessionReads } from '../forwarding/shared-reads.ts'
import type { Upstream } from '../forwarding/upstream.ts'
import type { Allowed } from '../gate/decision.ts'
import type { RequestHead } from '../gate/request-head.ts'
import { type BudgetClass, budgetClassOf } from '../limits/budget-class.ts'
import type { BudgetAsk, BudgetTicket, UpstreamBudget } from '../limits/budget-ticket.ts'
import { createRepeatedReads } from '../limits/repeated-reads.ts'
import type { UnderWay } from './connection.ts'
import { retryAfterOf } from './retry-after.ts'

/** How allowed requests get to the upstream: by its budget, and identical reads of one session together. */
export interface Passages {
  enter(head: RequestHead, decision: Allowed, parties: ExchangeParties): UnderWay
}

/** @param budget null: there is none, and every request goes out at once */
export function createPassages(upstream: Upstream, budget: UpstreamBudget | null): Passages {
  if (budget === null) return { enter: (_head, decision, parties) => startAtOnce(upstream, decision, parties) }
  const readsOf = createSharedReads()
  const repeated = createRepeatedReads()

  function enter(head: RequestHead, decision: Allowed, parties: ExchangeParties): UnderWay {
    if (!isRead(head, decision)) return passageOf(head, decision, false).enter(parties, decision)
    const { session } = decision
    const reads = readsOf(session)
    const isRepeat = repeated.note(`${session.identity} ${head.target}`)
    const joined = reads.find(head)?.join(parties)
    return joined ?? passageOf(head, decision, isRepeat).enter(parties, decision, { read: head, reads })
  }

  function passageOf({ method }: RequestHead, { route, session }: Allowed, isRepeat: boolean): Passage {
    const budgetClass = budgetClassOf(method, route.template, isRepeat)
    return new Passage(upstream, budget as UpstreamBudget, budgetClass, session.fingerprint)
  }

  return { enter }
}

function startAtOnce(upstream: Upstream, decision: Allowed, parties: ExchangeParties): UnderWay {
  const exchange: Exchange = upstream.prepare(parties, decision)
  upstream.start(exchange)
  return exchange.first
}

/** Whether others may share a request: it only reads, and has no body. */
function isRead({ method }: RequestHead, { facts }: Allowed): boolean {
  return method === 'GET' && !facts.hasTransferEncoding && (facts.contentLength ?? 0) === 0
}

/** A read that others may join while it is under way. */
interface Joinable {
  readonly read: Read
  readonly reads: SessionReads
}

/** One request's account with the budget: it asks for a place, is told when its turn has come, and gives it back. */
class Passage implements BudgetAsk, ExchangeEvents {
  readonly class: BudgetClass
  readonly session: string
  readonly #upstream: Upstream
  readonly #budget: UpstreamBudget
  #joinable: Joinable | undefined
  #exchange: Exchange | undefined
  /** Its place in the budget, or in line for one. */
  #ticket: BudgetTicket | undefined
  #hasTurn = false

  constructor(upstream: Upstream, budget: UpstreamBudget, budgetClass: BudgetClass, session: string) {
    this.class = budgetClass
    this.session = session
    this.#upstream = upstream
    this.#budget = budget
  }

  enter(parties: ExchangeParties, decision: Allowed, joinable?: Joinable): UnderWay {
    const exchange = this.#upstream.prepare(parties, decision, this)
    joinable?.reads.add(joinable.read, exchange)
    this.#joinable = joinable
    this.#exchange = exchange
    this.#ticket = this.#budget.enter(this)
    return exchange.first
  }

  /** Its turn has come, perhaps before `enter` has returned. */
  onTurn(ticket: BudgetTicket): void {
    this.#ticket = ticket
    this.#hasTurn = true
    this.#upstream.start(this.#exchange as Exchange, ticket.egress)
  }

  onRefused(retryAfterSec: number): void {
    this.#exchange?.refuse('budget_exhausted', retryAfterSec)
  }

  mayRepeat(): boolean {
    return this.#ticket !== undefined && this.#budget.charge(this.#ticket)
  }

  onAnswer({ status, rawFields }: AnswerHead): void {
    if (this.#ticket === undefined) return
    this.#budget.done(this.#ticket, 'answered')
    if (status === 429) this.#budget.noteThrottled(this.#ticket.egress, retryAfterOf(rawFields))
  }

  onOver(isSent: boolean): void {
    this.#joinable?.reads.remove(this.#joinable.read)
    if (this.#ticket === undefined) return
    if (this.#hasTurn) this.#budget.done(this.#ticket, isSent ? 'aborted' : 'unsent')
    else this.#budget.leave(this.#ticket)
  }
}

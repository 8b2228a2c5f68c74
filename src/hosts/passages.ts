import type { AnswerHead } from '../forwarding/attempt.ts'
import type { Exchange } from '../forwarding/exchange.ts'
import type { ExchangeEvents, ExchangeParties } from '../forwarding/exchange-parties.ts'
import { createSharedReads, type Read, type SharedReads } from '../forwarding/shared-reads.ts'
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
  const shared = createSharedReads()
  const repeated = createRepeatedReads()
  const means: Means = { upstream, budget, shared }

  function enter(head: RequestHead, decision: Allowed, parties: ExchangeParties): UnderWay {
    const read = readOf(head, decision)
    if (read === undefined) return pass(head, decision, parties, false)
    const isRepeat = repeated.note(`${decision.session.identity} ${head.target}`)
    return shared.find(read)?.join(parties) ?? pass(head, decision, parties, isRepeat, read)
  }

  function pass(
    head: RequestHead,
    decision: Allowed,
    parties: ExchangeParties,
    isRepeat: boolean,
    read?: Read,
  ): UnderWay {
    const budgetClass = budgetClassOf(head.method, decision.route.template, isRepeat)
    const passage = new Passage(means, budgetClass, decision.session.fingerprint, read)
    const exchange = upstream.prepare(parties, decision, passage)
    if (read) shared.add(read, exchange)
    passage.enter(exchange)
    return exchange.first
  }

  return { enter }
}

function startAtOnce(upstream: Upstream, decision: Allowed, parties: ExchangeParties): UnderWay {
  const exchange: Exchange = upstream.prepare(parties, decision)
  upstream.start(exchange)
  return exchange.first
}

/** A request that others may share: it only reads, and has no body. */
function readOf({ method, target, clientAddress, fields }: RequestHead, decision: Allowed): Read | undefined {
  const { session, facts } = decision
  if (method !== 'GET' || facts.hasTransferEncoding || (facts.contentLength ?? 0) > 0) return undefined
  return { session, target, clientAddress, fields }
}

/** What a passage takes. */
interface Means {
  readonly upstream: Upstream
  readonly budget: UpstreamBudget
  readonly shared: SharedReads
}

/** One request's account with the budget: it asks for a place, is told when its turn has come, and gives it back. */
class Passage implements BudgetAsk, ExchangeEvents {
  readonly class: BudgetClass
  readonly session: string
  readonly #means: Means
  readonly #read: Read | undefined
  #exchange: Exchange | undefined
  /** Its place in the budget, or in line for one. */
  #ticket: BudgetTicket | undefined
  #hasTurn = false

  constructor(means: Means, budgetClass: BudgetClass, session: string, read: Read | undefined) {
    this.class = budgetClass
    this.session = session
    this.#means = means
    this.#read = read
  }

  enter(exchange: Exchange): void {
    this.#exchange = exchange
    this.#ticket = this.#means.budget.enter(this)
  }

  /** Its turn has come, perhaps before `enter` has returned. */
  onTurn(ticket: BudgetTicket): void {
    this.#ticket = ticket
    this.#hasTurn = true
    this.#means.upstream.start(this.#exchange as Exchange, ticket.egress)
  }

  onRefused(retryAfterSec: number): void {
    this.#exchange?.refuse('budget_exhausted', retryAfterSec)
  }

  mayRepeat(): boolean {
    return this.#ticket !== undefined && this.#means.budget.charge(this.#ticket)
  }

  onAnswer({ status, rawFields }: AnswerHead): void {
    if (this.#ticket === undefined) return
    const { budget } = this.#means
    budget.done(this.#ticket, 'answered')
    if (status === 429) budget.noteThrottled(this.#ticket.egress, retryAfterOf(rawFields))
  }

  onOver(isSent: boolean): void {
    const { budget, shared } = this.#means
    if (this.#read) shared.remove(this.#read)
    if (this.#ticket === undefined) return
    if (this.#hasTurn) budget.done(this.#ticket, isSent ? 'aborted' : 'unsent')
    else budget.leave(this.#ticket)
  }
}

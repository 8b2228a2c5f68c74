import type { AnswerHead } from '../forwarding/attempt.ts'
import type { Exchange } from '../forwarding/exchange.ts'
import type { ExchangeEvents, ExchangeParties } from '../forwarding/exchange-parties.ts'
import { createSharedReads, type Read } from '../forwarding/shared-reads.ts'
import type { Upstream } from '../forwarding/upstream.ts'
import type { Allowed } from '../gate/decision.ts'
import type { RequestHead } from '../gate/request-head.ts'
import { budgetClassOf } from '../limits/budget-class.ts'
import type { BudgetTicket, UpstreamBudget } from '../limits/budget-ticket.ts'
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
    const passage = new Passage(budget as UpstreamBudget, () => read && shared.remove(read))
    const exchange = upstream.prepare(parties, decision, passage)
    if (read) shared.add(read, exchange)
    passage.ticket = (budget as UpstreamBudget).enter({
      class: budgetClassOf(head.method, decision.route.template, isRepeat),
      session: decision.session.fingerprint,
      onTurn(ticket) {
        passage.begin(ticket)
        upstream.start(exchange, ticket.egress)
      },
      onRefused(retryAfterSec) {
        exchange.refuse('budget_exhausted', retryAfterSec)
      },
    })
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

/** One request's account with the budget. */
class Passage implements ExchangeEvents {
  /** Its place in the budget, or in line for one. */
  ticket: BudgetTicket | undefined
  readonly #budget: UpstreamBudget
  readonly #onOver: () => void
  #hasTurn = false

  constructor(budget: UpstreamBudget, onOver: () => void) {
    this.#budget = budget
    this.#onOver = onOver
  }

  /** Its turn has come, perhaps before `ticket` is known. */
  begin(ticket: BudgetTicket): void {
    this.ticket = ticket
    this.#hasTurn = true
  }

  mayRepeat(): boolean {
    return this.ticket !== undefined && this.#budget.charge(this.ticket)
  }

  onAnswer({ status, rawFields }: AnswerHead): void {
    if (this.ticket === undefined) return
    this.#budget.done(this.ticket, 'answered')
    if (status === 429) this.#budget.noteThrottled(this.ticket.egress, retryAfterOf(rawFields))
  }

  onOver(isSent: boolean): void {
    this.#onOver()
    if (this.ticket === undefined) return
    if (this.#hasTurn) this.#budget.done(this.ticket, isSent ? 'aborted' : 'unsent')
    else this.#budget.leave(this.ticket)
  }
}

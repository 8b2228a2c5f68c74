import { Alarm, type SetTimer, setNodeTimer } from './alarm.ts'
import type { BudgetAsk, BudgetEnd, BudgetTicket, EgressBudget, UpstreamBudget, WholeBudget } from './budget-ticket.ts'
import { EgressGroup } from './egress-group.ts'
import type { EgressWindow } from './egress-window.ts'
import { SessionUses } from './session-uses.ts'
import { Ticket } from './ticket.ts'
import { allTiers, excessTier, sessionShare, type Tier, tierOfClass } from './tiers.ts'
import { WaitingLine } from './waiting-line.ts'

export interface UpstreamBudgetOptions {
  /** Requests that the upstream takes from one address in a window. */
  readonly requests: number
  readonly windowSec: number
  /** How long a request may wait for a place, in milliseconds. */
  readonly maxWaitMs: number
  /** The egress addresses, each with a budget of its own. None: the system chooses, and there is one budget. */
  readonly localAddresses: readonly string[]
  /** Most requests that wait in one tier. Default 1,024. */
  readonly maxWaiting?: number
  /** Held on top of the window: the upstream's clock may run otherwise, or count whole seconds. Default 1000. */
  readonly marginMs?: number
  /** How long after it was given up a request may still arrive, sent again by the system. Default 30,000. */
  readonly lateArrivalMs?: number
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number
  readonly setTimer?: SetTimer
}

/**
 * Makes the budget: never more requests in a window than the upstream takes, whatever the network does with them;
 * payments before polling; no session more than its share while others want theirs.
 */
export function createUpstreamBudget(options: UpstreamBudgetOptions): UpstreamBudget {
  return new SlidingBudget(options)
}

class SlidingBudget implements UpstreamBudget {
  readonly #maxWaitMs: number
  readonly #now: () => number
  readonly #group: EgressGroup
  readonly #uses = new SessionUses()
  readonly #line: WaitingLine<Ticket>
  readonly #alarm: Alarm

  constructor(options: UpstreamBudgetOptions) {
    const { requests, windowSec, marginMs = 1000, lateArrivalMs = 30_000, maxWaiting = 1024 } = options
    const window = { windowMs: windowSec * 1000 + marginMs, lateArrivalMs }
    this.#maxWaitMs = options.maxWaitMs
    this.#now = options.now ?? (() => performance.now())
    this.#group = new EgressGroup(options.localAddresses, requests, window, use => this.#uses.giveBack(use))
    this.#line = new WaitingLine(maxWaiting, (session, tier) => this.#uses.count(session, tier))
    this.#alarm = new Alarm(options.setTimer ?? setNodeTimer, this.#onTime)
  }

  get waiting(): number {
    return this.#line.size
  }

  enter(ask: BudgetAsk): BudgetTicket {
    const now = this.#catchUp()
    const ticket = new Ticket(ask, this.#tierOf(ask))
    const window = this.#group.roomiest(ticket.tier, now)
    if (window) this.#giveTurn(ticket, window)
    else this.#wait(ticket, now)
    return ticket
  }

  leave(ticket: BudgetTicket): void {
    if (this.#line.delete(ticket as Ticket)) this.#setAlarm(this.#now())
  }

  done(ticket: BudgetTicket, end: BudgetEnd): void {
    const holder = ticket as Ticket
    const { window, use } = holder
    if (window === undefined) return
    holder.window = undefined
    const now = this.#catchUp()
    if (end === 'answered') window.answered(use, now)
    else if (end === 'aborted') window.givenUp(use, now)
    else {
      window.unsent(use)
      this.#serve(now)
    }
  }

  charge(ticket: BudgetTicket): boolean {
    const now = this.#catchUp()
    const holder = ticket as Ticket
    if (!holder.window?.hasRoom(holder.tier, now)) return false
    holder.window.givenUp(holder.use, now)
    holder.window.take()
    holder.use = this.#uses.take(holder.session, holder.tier)
    return true
  }

  noteThrottled(egress: string, retryAfterSec?: number): void {
    const window = this.#group.of(egress)
    const now = this.#catchUp()
    window.close(retryAfterSec === undefined ? undefined : retryAfterSec * 1000, now)
    this.#setAlarm(now)
  }

  setAllowance(egress: string, requests: number, whole?: WholeBudget): void {
    const window = this.#group.of(egress)
    const now = this.#catchUp()
    window.setShare({ requests, limit: whole?.requests ?? requests, usedByOthers: whole?.usedByOthers ?? 0 }, now)
    this.#serve(now)
  }

  remaining(): readonly EgressBudget[] {
    const now = this.#now()
    this.#group.sweep(now)
    return this.#group.windows.map(window => ({
      egress: window.address,
      remaining: window.remaining(now),
      used: window.used,
      allowance: window.allowance,
    }))
  }

  /** Everything begins with this: what has come free meanwhile goes to those who wait, before anybody new. */
  #catchUp(): number {
    const now = this.#now()
    this.#group.sweep(now)
    if (this.#line.size > 0) this.#serve(now)
    return now
  }

  #tierOf({ class: budgetClass, session }: BudgetAsk): Tier {
    const tier = tierOfClass[budgetClass]
    const isWithinShare = this.#uses.count(session, tier) < sessionShare(this.#group.limit)
    return isWithinShare || this.#uses.isAlone(session) ? tier : excessTier
  }

  #giveTurn(ticket: Ticket, window: EgressWindow): void {
    window.take()
    ticket.window = window
    ticket.egress = window.address
    ticket.use = this.#uses.take(ticket.session, ticket.tier)
    ticket.ask.onTurn(ticket)
  }

  #wait(ticket: Ticket, now: number): void {
    ticket.deadline = now + this.#maxWaitMs
    const at = this.#placeAt(ticket, now)
    if (at <= ticket.deadline && this.#line.add(ticket)) this.#setAlarm(now)
    else ticket.refuse(at, now)
  }

  #serve(now: number): void {
    for (const tier of allTiers) {
      for (let next = this.#line.next(tier); next; next = this.#line.next(tier)) {
        const window = this.#group.roomiest(tier, now)
        if (window === undefined) break
        this.#line.delete(next)
        this.#giveTurn(next, window)
      }
    }
    this.#setAlarm(now)
  }

  readonly #onTime = (): void => {
    const now = this.#catchUp()
    for (let last = this.#line.oldest; last && last.deadline <= now; last = this.#line.oldest) {
      this.#line.delete(last)
      last.refuse(this.#placeAt(last, now), now)
    }
    this.#setAlarm(now)
  }

  #placeAt(ticket: Ticket, now: number): number {
    return this.#group.placeAt(ticket.tier, this.#line.ahead(ticket) + 1, now)
  }

  #setAlarm(now: number): void {
    const deadline = this.#line.oldest?.deadline ?? Number.POSITIVE_INFINITY
    this.#alarm.setFor(Math.min(deadline, this.#line.size > 0 ? this.#group.nextChangeAfter(now) : deadline), now)
  }
}

import type { BudgetAsk, BudgetTicket, UpstreamBudget } from '../limits/budget-ticket.ts'

/**
 * A budget that tells how long requests waited for their place: 0 where one was free. One that is turned away at once has
 * not waited.
 *
 * @param noteWait told in seconds
 * @param now a monotonic clock, in milliseconds
 */
export function timedBudget(
  budget: UpstreamBudget,
  noteWait: (seconds: number) => void,
  now: () => number = () => performance.now(),
): UpstreamBudget {
  return {
    enter(ask) {
      const timed = new TimedAsk(ask, noteWait, now)
      const ticket = budget.enter(timed)
      timed.wait()
      return ticket
    },
    leave: ticket => budget.leave(ticket),
    done: (ticket, end) => budget.done(ticket, end),
    charge: ticket => budget.charge(ticket),
    noteThrottled: (egress, retryAfterSec) => budget.noteThrottled(egress, retryAfterSec),
    setAllowance: (egress, requests, whole) => budget.setAllowance(egress, requests, whole),
    remaining: () => budget.remaining(),
    get waiting() {
      return budget.waiting
    },
  }
}

/** The clock is read only where there is something to wait for. */
class TimedAsk implements BudgetAsk {
  readonly class: BudgetAsk['class']
  readonly session: string
  readonly #ask: BudgetAsk
  readonly #noteWait: (seconds: number) => void
  readonly #now: () => number
  #isSettled = false
  #waitsSinceMs: number | undefined

  constructor(ask: BudgetAsk, noteWait: (seconds: number) => void, now: () => number) {
    this.class = ask.class
    this.session = ask.session
    this.#ask = ask
    this.#noteWait = noteWait
    this.#now = now
  }

  wait(): void {
    if (!this.#isSettled) this.#waitsSinceMs = this.#now()
  }

  onTurn(ticket: BudgetTicket): void {
    this.#isSettled = true
    this.#noteWait(this.#waitedSec)
    this.#ask.onTurn(ticket)
  }

  onRefused(retryAfterSec: number): void {
    this.#isSettled = true
    if (this.#waitsSinceMs !== undefined) this.#noteWait(this.#waitedSec)
    this.#ask.onRefused(retryAfterSec)
  }

  get #waitedSec(): number {
    return this.#waitsSinceMs === undefined ? 0 : (this.#now() - this.#waitsSinceMs) / 1000
  }
}

import type { BudgetClass } from './budget-class.ts'

/** A request that needs a place in the budget. */
export interface BudgetAsk {
  readonly class: BudgetClass
  /** Who asks: the fingerprint of a session. Empty: nobody in particular, and no share is kept for or from it. */
  readonly session: string
  /** Its turn has come: it may be sent from `ticket.egress`, and `done` has to follow whatever becomes of it. */
  onTurn(ticket: BudgetTicket): void
  /** It may not be sent. @param retryAfterSec whole seconds, at least 1, until a place for its class comes free */
  onRefused(retryAfterSec: number): void
}

/** Stands for a request while it waits for its place and while it has it. */
export interface BudgetTicket {
  /** The egress address that it was given, one of `localAddresses`; empty before its turn, and where the system chooses. */
  readonly egress: string
}

/**
 * What became of a request that had its turn.
 *
 * - `answered`: its answer has begun, so it has arrived
 * - `aborted`: sent, in part at least, and given up: it may still arrive
 * - `unsent`: provably never sent: its place is free again at once
 */
export type BudgetEnd = 'answered' | 'aborted' | 'unsent'

/** The budget of one egress address. */
export interface EgressBudget {
  readonly egress: string
  /** Requests that may still be sent now, by the class that may use all of it; 0 while the address is closed. */
  readonly remaining: number
  /** Requests that the upstream may still count. */
  readonly used: number
  /** Requests per window that this process may send. */
  readonly allowance: number
}

/** The budget of one address, when replicas share it. */
export interface WholeBudget {
  /** What the upstream takes from the address in a window, from all replicas together. */
  readonly requests: number
  /** Requests of the other replicas that may still be counted upstream. */
  readonly usedByOthers: number
}

/** The requests that the upstream takes from us in a window, spent deliberately. */
export interface UpstreamBudget {
  /** Asks for a place. Where one is free, or it is clear that none will be in time, it is told before this returns. */
  enter(ask: BudgetAsk): BudgetTicket
  /** Gives up waiting. No effect on a ticket that had its turn. */
  leave(ticket: BudgetTicket): void
  /** A request that had its turn has ended, or its answer has begun. The first call counts. */
  done(ticket: BudgetTicket, end: BudgetEnd): void
  /**
   * Takes a place for sending a request again, from the same address. What was provably not sent has its place still.
   *
   * @returns false where there is none: it must not be sent again
   */
  charge(ticket: BudgetTicket): boolean
  /**
   * The upstream has answered 429: its address takes no requests until then, and fewer at a time after it.
   *
   * @param retryAfterSec what the answer said; absent: 10
   */
  noteThrottled(egress: string, retryAfterSec?: number): void
  /**
   * Sets what this process may send from an address: a part of the upstream's limit. More than that in use is let run
   * out, and nothing is sent until it has.
   *
   * @param whole what it is a part of: what is kept for payments is then a part of that, and a request waits for a
   *   larger part where one may come. Absent: the part is a budget of its own
   * @throws TypeError for an address that is not ours
   */
  setAllowance(egress: string, requests: number, whole?: WholeBudget): void
  /** What is left of each address. */
  remaining(): readonly EgressBudget[]
  /** Requests that wait for a place. */
  readonly waiting: number
}

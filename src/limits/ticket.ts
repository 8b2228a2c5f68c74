import type { BudgetAsk, BudgetTicket } from './budget-ticket.ts'
import type { EgressWindow } from './egress-window.ts'
import type { Use } from './session-uses.ts'
import type { Tier } from './tiers.ts'

/** A request, from when it asks until it is done. */
export class Ticket implements BudgetTicket {
  readonly ask: BudgetAsk
  readonly session: string
  readonly tier: Tier
  egress = ''
  /** Where it has its place; undefined before its turn, and when it is done. */
  window: EgressWindow | undefined
  use: Use | undefined
  /** When it stops waiting, in milliseconds. */
  deadline = 0

  constructor(ask: BudgetAsk, tier: Tier) {
    this.ask = ask
    this.session = ask.session
    this.tier = tier
  }

  /** @param at when there would have been a place for it */
  refuse(at: number, nowMs: number): void {
    this.ask.onRefused(Math.max(1, Math.ceil((at - nowMs) / 1000)))
  }
}

import type { BudgetAsk, BudgetTicket, UpstreamBudget } from './budget-ticket.ts'

/** A budget without limit: everybody has their turn at once, from each address by turns. */
export function createOpenBudget(localAddresses: readonly string[]): UpstreamBudget {
  const tickets: readonly BudgetTicket[] = (localAddresses.length === 0 ? [''] : localAddresses).map(egress => ({
    egress,
  }))
  let next = 0
  return {
    enter(ask: BudgetAsk): BudgetTicket {
      const ticket = tickets[next] as BudgetTicket
      next = (next + 1) % tickets.length
      ask.onTurn(ticket)
      return ticket
    },
    leave() {},
    done() {},
    charge: () => true,
    noteThrottled() {},
    setAllowance() {},
    remaining: () => [],
    waiting: 0,
  }
}

import type { ForageClient } from '../forage/forage-client.ts'
import type { ForageFault } from '../forage/forage-fault.ts'
import type { BudgetTicket, UpstreamBudget } from '../limits/budget-ticket.ts'

/**
 * A client that asks for tokens on the budget's account, and from the egress address that the budget gives. Revocations
 * are never held back.
 *
 * @param clients by egress address; the first is for what needs no place
 */
export function createBudgetedClient(clients: ReadonlyMap<string, ForageClient>, budget: UpstreamBudget): ForageClient {
  const [first] = clients.values()
  if (first === undefined) throw new TypeError('clients: must hold at least one')

  async function ask<T>(call: (client: ForageClient) => Promise<T | ForageFault>): Promise<T | ForageFault> {
    const entered = await enter(budget)
    if ('fault' in entered) return entered
    try {
      return await call(clients.get(entered.egress) ?? (first as ForageClient))
    } finally {
      // Whether it has arrived is not told apart: it may arrive late.
      budget.done(entered, 'aborted')
    }
  }

  return {
    ...first,
    createAuthenticationToken: request => ask(client => client.createAuthenticationToken(request)),
    createSessionToken: request => ask(client => client.createSessionToken(request)),
    close: async () => void (await Promise.all([...clients.values()].map(client => client.close()))),
  }
}

function enter(budget: UpstreamBudget): Promise<BudgetTicket | ForageFault> {
  return new Promise(resolve => {
    budget.enter({
      class: 'issuing',
      session: '',
      onTurn: resolve,
      onRefused: retryAfterSec => resolve({ fault: 'throttled', mayHaveTakenEffect: false, retryAfterSec }),
    })
  })
}

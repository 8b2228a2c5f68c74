import type { Config } from './config/config.ts'
import type { ClientLimits } from './gate/client-limits.ts'
import type { UpstreamBudget } from './limits/budget-ticket.ts'
import { createClientLimits } from './limits/client-limits.ts'
import { createOpenBudget } from './limits/open-budget.ts'
import { createUpstreamBudget } from './limits/upstream-budget.ts'

/** What one client may ask of this process. */
export function clientLimitsOf({ limits }: Config): ClientLimits {
  const { guessing, admit, noteDenial } = createClientLimits(limits)
  return { guessing, noteDenial, admit: (address, { identity }) => admit(address, identity) }
}

/**
 * What this process may ask of Forage: of several processes, each an equal part. Null: anything, from wherever the system
 * chooses.
 */
export function upstreamBudgetOf({ upstream, workers, issuing }: Config): UpstreamBudget | null {
  const { budget, localAddresses } = upstream
  if (budget === null) return localAddresses.length > 1 ? createOpenBudget(localAddresses) : null
  // The process that keeps several workers obtains the tokens for them.
  const processes = workers > 1 && issuing ? workers + 1 : workers
  const requests = Math.max(1, Math.floor(budget.requests / processes))
  return createUpstreamBudget({ ...budget, requests, localAddresses })
}

import type { BudgetConfig, Config } from '../config/config.ts'
import { shareAlone } from '../limits/budget-leases.ts'
import type { EgressBudget, UpstreamBudget } from '../limits/budget-ticket.ts'
import type { SharedState } from '../state/shared-state.ts'
import type { GatewayState } from './state.ts'

/** How often a slice of the budget is renewed, in milliseconds. */
const renewEveryMs = 1000
/** After which the upstream has forgotten what was sent before, in milliseconds, on top of its window. */
const marginMs = 31_000

export interface LeaseOptions {
  readonly budget: UpstreamBudget
  /** What the upstream takes from one address. */
  readonly limit: BudgetConfig
  readonly state: SharedState
  /** A monotonic clock, in milliseconds. Default: `performance.now()`. */
  readonly now?: () => number
}

export interface Leases {
  /** Renews the slices of all addresses. Never rejects: without the state the process goes on with its part. */
  renew(): Promise<void>
  /** Ends the renewing, and gives the slices back. */
  close(): Promise<void>
}

/** What is known of one address's slice. */
interface Slice {
  held: number
  replicas: number
  /** When the state went away; undefined while it is there. */
  awaySince: number | undefined
}

/** Keeps the parts of the budget that this process has, among all that share the state. The timer keeps no process alive. */
export function keepLeases({ budget, limit, state, now = () => performance.now() }: LeaseOptions): Leases {
  const { requests, windowSec } = limit
  const slices = new Map<string, Slice>()

  async function renewOne({ egress, used }: EgressBudget): Promise<void> {
    const slice = sliceOf(egress)
    try {
      const grant = await state.budget.renew({ egress, requests, used, waiting: budget.waiting })
      Object.assign(slice, { held: grant.requests, replicas: grant.replicas, awaySince: undefined })
      budget.setAllowance(egress, grant.requests, { requests, usedByOthers: grant.usedByOthers ?? 0 })
    } catch {
      slice.awaySince ??= now()
      const { held, replicas, awaySince } = slice
      const alone = { requests, replicas, held, awayMs: now() - awaySince, windowMs: windowSec * 1000 + marginMs }
      budget.setAllowance(egress, shareAlone(alone))
    }
  }

  function sliceOf(egress: string): Slice {
    const known = slices.get(egress)
    if (known) return known
    // A state that was never there has told of nobody else. Sending nothing for a window would be safe, and an outage.
    const { replicas } = state
    const fresh = { held: Math.floor(requests / replicas), replicas, awaySince: undefined }
    slices.set(egress, fresh)
    return fresh
  }

  const renew = async () => void (await Promise.all(budget.remaining().map(renewOne)))
  const timer = setInterval(() => void renew(), renewEveryMs).unref()
  return {
    renew,
    async close() {
      clearInterval(timer)
      const leaving = budget.remaining().map(({ egress, used }) => state.budget.leave(egress, used))
      await Promise.allSettled(leaving)
    },
  }
}

/** The leases of a configuration. Null: there is no budget, or nobody to share it with. */
export function leasesOf(
  { upstream }: Config,
  budget: UpstreamBudget | null,
  { isShared, shared }: GatewayState,
): Leases | null {
  if (budget === null || upstream.budget === null || !isShared) return null
  return keepLeases({ budget, limit: upstream.budget, state: shared })
}

import { isDeepStrictEqual } from 'node:util'
import type { Config, LimitsConfig, RateConfig } from '../config/config.ts'
import type { ClientLimits } from '../gate/client-limits.ts'
import { addressKey } from '../limits/address-key.ts'
import type { UpstreamBudget } from '../limits/budget-ticket.ts'
import { createClientLimits } from '../limits/client-limits.ts'
import { createOpenBudget } from '../limits/open-budget.ts'
import { createUpstreamBudget } from '../limits/upstream-budget.ts'
import type { GatewayState } from './state.ts'

/** Limits whose rates can be replaced. Whoever is counted is counted anew then. */
export interface ReloadableLimits extends ClientLimits {
  use(limits: LimitsConfig): void
}

/**
 * What one client may ask: of this process, and where the state is shared of all replicas together. While that is away each
 * replica limits for itself.
 */
export function clientLimitsOf(
  { limits }: Config,
  { shared, isShared }: Pick<GatewayState, 'shared' | 'isShared'>,
): ReloadableLimits {
  let rates = ratesOf(limits)
  let own = createClientLimits(limits)
  const consume = (key: string, rate: RateConfig | null) => (rate === null ? 0 : shared.limits.consume(key, rate))

  async function admitEverywhere(address: string, session: string): Promise<number> {
    const { perSession, perAddress } = rates
    try {
      const counted = [consume(`session ${session}`, perSession), consume(`address ${addressKey(address)}`, perAddress)]
      return Math.max(...(await Promise.all(counted)))
    } catch {
      return 0
    }
  }

  return {
    guessing: address => own.guessing(address),
    noteDenial: address => own.noteDenial(address),
    admit(address, { identity }) {
      const waitSec = own.admit(address, identity)
      return waitSec > 0 || !isShared ? waitSec : admitEverywhere(address, identity)
    },
    use(next) {
      if (isDeepStrictEqual(ratesOf(next), rates)) return
      rates = ratesOf(next)
      own = createClientLimits(next)
    },
  }
}

function ratesOf({ perSession, perAddress, denialsPerAddress }: LimitsConfig) {
  return { perSession, perAddress, denialsPerAddress }
}

/**
 * What this process may ask of Forage: of several processes, each an equal part, unless they part it by the shared state.
 * Null: anything, from wherever the system chooses.
 */
export function upstreamBudgetOf({ upstream, workers, issuing, state }: Config): UpstreamBudget | null {
  const { budget, localAddresses } = upstream
  if (budget === null) return localAddresses.length > 1 ? createOpenBudget(localAddresses) : null
  // The process that keeps several workers obtains the tokens for them.
  const processes = state.redis ? 1 : workers > 1 && issuing ? workers + 1 : workers
  const requests = Math.max(1, Math.floor(budget.requests / processes))
  return createUpstreamBudget({ ...budget, requests, localAddresses })
}

import type { Readiness } from '../admin/status-routes.ts'
import type { LoadShedding } from '../hosts/load-shedding.ts'
import type { UpstreamBudget } from '../limits/budget-ticket.ts'
import type { Sessions } from '../session/create-sessions.ts'
import type { Reloading } from './reload.ts'
import type { GatewayState } from './state.ts'

export interface ReadinessParts {
  readonly isDraining: boolean
  readonly shedding: Pick<LoadShedding, 'overload'>
  readonly sessions: Pick<Sessions, 'canVerify'>
  readonly state: Pick<GatewayState, 'isShared' | 'shared'>
  /** Null: there is none. */
  readonly budget: Pick<UpstreamBudget, 'remaining'> | null
  readonly reloading: Pick<Reloading, 'status'>
}

/**
 * Whether one process should get traffic: it does not shut down, has not too much to do, and has keys to verify tokens
 * with. Everything else is told, and is no reason to turn clients away: a state that is away (each replica goes on with what
 * it knows), a budget that is used up (another replica has no other), a configuration that was refused (the last good one is
 * in force).
 */
export function readinessOf({ isDraining, shedding, sessions, state, budget, reloading }: ReadinessParts): Readiness {
  const canVerify = sessions.canVerify()
  return {
    isReady: !isDraining && shedding.overload === undefined && canVerify,
    checks: {
      draining: isDraining ? 'yes' : 'no',
      load: shedding.overload ?? 'fine',
      verification: canVerify ? 'ready' : 'no keys yet',
      ...(state.isShared && { state: state.shared.health.status }),
      ...(budget && { budget: `${leftOf(budget)} left` }),
      configuration: configurationCheck(reloading),
    },
  }
}

/** Of all egress addresses together. */
function leftOf(budget: Pick<UpstreamBudget, 'remaining'>): number {
  return budget.remaining().reduce((sum, { remaining }) => sum + remaining, 0)
}

export function configurationCheck({ status }: Pick<Reloading, 'status'>): string {
  return status().problems.length === 0 ? 'good' : 'refused; the last good one is in force'
}

import type { Config } from '../config/config.ts'
import { packageVersion } from '../config/package-files.ts'
import type { Policy } from '../gate/policy.ts'
import { reportedBy } from '../gate/reported-routes.ts'
import type { Counters } from '../observability/counters.ts'
import type { IssuingCounts } from '../observability/issuing-counters.ts'
import type { Sessions } from '../session/create-sessions.ts'
import { whatModesProve } from '../session/verify-mode.ts'
import type { Reloading } from './reload.ts'
import type { GatewayState as SharedGatewayState } from './state.ts'

/** What changes while a gateway runs. */
export interface GatewayState {
  readonly startedAt: number
  readonly sessions: Sessions
  readonly reloading: Pick<Reloading, 'current' | 'status' | 'history'>
  readonly counters: () => Counters
  readonly isDraining: () => boolean
  readonly workers: () => WorkersStatus
  readonly state: Pick<SharedGatewayState, 'shared' | 'isShared' | 'settled' | 'revocationTold'>
  /** Null: no session tokens are issued here. */
  readonly issuance: { readonly counts: () => IssuingCounts } | null
}

/** Processes that serve: as many as were asked for, how many do, and how many had to be replaced. */
export interface WorkersStatus {
  readonly configured: number
  readonly live: number
  readonly restarts: number
}

/** The body of `GET /status`: what this gateway is and what it has done. No secret, no token, no address of a client. */
export function gatewayStatus(config: Config, parts: GatewayState): object {
  const { environment, upstream, session, policy } = config
  const { startedAt, sessions, reloading, counters, isDraining, workers, issuance } = parts
  const { ledger, revocations } = sessions
  const { policyDigest, generation, ...configuration } = reloading.status()
  return {
    version: packageVersion(),
    environment,
    upstream: upstream.api,
    verify: session.verify,
    proves: whatModesProve[session.verify],
    formats: session.formats,
    policy: { digest: policyDigest, routes: policy.routes.length, scopes: policy.scopes, ...reportStatus(policy) },
    configGeneration: generation,
    configuration,
    state: stateStatus(parts.state),
    ledger: { tokens: ledger.size, evicted: ledger.evictions },
    revocations: revocations.size,
    workers: workers(),
    issuing: issuance?.counts() ?? null,
    isDraining: isDraining(),
    uptimeSec: Math.floor((performance.now() - startedAt) / 1000),
    counters: counters(),
  }
}

/** What of the policy is reported instead of enforced. */
function reportStatus(policy: Policy): object {
  const { mode, scopes, routes } = reportedBy(policy)
  return { mode, reported: { scopes, routes } }
}

/** Where what is known is kept, and whether it is there. */
function stateStatus({ shared, isShared }: GatewayState['state']): object {
  if (!isShared) return { kind: 'memory', survivesRestart: false }
  const { health, replicas, counters } = shared
  return { kind: 'redis', survivesRestart: true, ...health, replicas, ...counters }
}

import { createActivity } from '../admin/console-activity.ts'
import type { Config } from '../config/config.ts'
import { packageVersion } from '../config/package-files.ts'
import { createUpstream, type Upstream } from '../forwarding/upstream.ts'
import { createUpstreamWithVault } from '../forwarding/vault-upstream.ts'
import { logOverload } from '../hosts/listener-log.ts'
import type { LoadMeter } from '../hosts/load-meter.ts'
import { createLoadShedding, type LoadShedding } from '../hosts/load-shedding.ts'
import type { UpstreamBudget } from '../limits/budget-ticket.ts'
import { createCounters } from '../observability/counters.ts'
import { createMetrics, type Metrics } from '../observability/metrics.ts'
import { timedBudget } from '../observability/metrics-budget.ts'
import { countingRevocations } from '../observability/metrics-revocations.ts'
import type { Tracing } from '../observability/tracing.ts'
import type { Sessions } from '../session/create-sessions.ts'
import type { SessionRegistry } from '../session/session-registry.ts'
import type { AskOthers } from '../session/verify-session.ts'
import type { RecordAudit } from './audit.ts'
import { sessionsOf } from './gate.ts'
import type { Issuance } from './issuing.ts'
import { type IssuingAdditions, issuingOf, ownIssuanceOf } from './issuing-machine.ts'
import { clientLimitsOf, type ReloadableLimits, upstreamBudgetOf } from './limits.ts'
import { type GatewayState, openState } from './state.ts'
import { lossesOf, openTelemetry, type Telemetry } from './telemetry.ts'
import { openTracing } from './tracing.ts'

/** What a gateway is given from outside: all of it by its keeper, where it is one of several processes. */
export interface Surroundings {
  readonly loadMeter: LoadMeter
  /** Where session tokens are obtained. Default: in this process. */
  readonly issuance?: Issuance | undefined
  /** Who else may have a token on record. Default: nobody. */
  readonly askOthers?: AskOthers | undefined
  /** Who keeps the audit trail. Default: this process, where one is configured. */
  readonly recordAudit?: RecordAudit | undefined
  /** Key of the fingerprints in logs. */
  readonly fingerprintKey: Uint8Array
  /** Of the configuration that it begins with. */
  readonly generation: number
}

/** What the listeners are made of. */
export interface Parts extends Telemetry {
  /** Whether anybody keeps an audit trail. */
  readonly hasAudit: boolean
  readonly state: GatewayState
  readonly sessions: Sessions
  /** Takes what is registered and revoked. */
  readonly registry: SessionRegistry
  /** Null: there is none. */
  readonly budget: UpstreamBudget | null
  /** Null: no spans are sent anywhere. */
  readonly tracing: Tracing | null
  readonly metrics: Metrics
  readonly clientLimits: ReloadableLimits
  /** Null: no session tokens are issued. */
  readonly issuing: IssuingAdditions | null
  readonly upstream: Upstream
  readonly shedding: LoadShedding
  readonly counters: ReturnType<typeof createCounters>
  /** What has happened lately, for the console. */
  readonly activity: ReturnType<typeof createActivity>
  /** Whether there is a console that may ask for it: here, or in the process that keeps this one. */
  readonly isWatched: boolean
}

/** Makes everything that is behind the listeners. */
export async function createParts(config: Config, given: Surroundings): Promise<Parts> {
  const { issuance, askOthers, fingerprintKey, generation } = given
  const telemetry = openTelemetry(config, generation, given.recordAudit)
  const { inForce, logger, record } = telemetry
  const state = await openState(config, logger)
  const { askOthers: askReplicas, ...tellReplicas } = state.sessionParts
  // A worker hears from its keeper, which tells the other replicas.
  const isWorker = issuance !== undefined
  const asking = { logger, fingerprintKey, askOthers: askReplicas ?? askOthers }
  const sessions = await sessionsOf(config, systemClock, isWorker ? asking : { ...asking, ...tellReplicas })
  const whole = upstreamBudgetOf(config)
  const budget = whole && timedBudget(whole, seconds => metrics.noteBudgetWait(seconds))
  const registry = countingRevocations(sessions.registry, () => metrics.noteRevocation())
  const own = issuance ? null : ownIssuanceOf(config, { registry, logger, record, budget })
  const tracing = await openTracing(config, logger)
  const metrics = createMetrics({
    version: packageVersion(),
    sessions,
    budget,
    sharedState: state.isShared ? state.shared : undefined,
    issuance: own,
    inForce,
    lost: lossesOf(telemetry, () => tracing?.dropped() ?? 0),
  })
  const clientLimits = clientLimitsOf(config, state)
  const issuing = issuingOf(config, { issuance: issuance ?? own, own, limits: clientLimits, state, logger })
  state.join(sessions, own)
  return {
    ...telemetry,
    hasAudit: config.audit !== null,
    state,
    sessions,
    registry,
    budget,
    tracing,
    metrics,
    clientLimits,
    issuing,
    upstream: upstreamOf(config),
    shedding: createLoadShedding({ meter: given.loadMeter, onChange: overload => logOverload(logger, overload) }),
    counters: createCounters(),
    activity: createActivity(),
    isWatched: config.admin !== null || isWorker,
  }
}

/** The Payments API, and the vault where it is fronted as well. */
function upstreamOf({ upstream: { api, vault, ...options }, limits }: Config): Upstream {
  const payments = createUpstream({ ...options, ...limits, origin: api })
  if (vault === undefined) return payments
  return createUpstreamWithVault(payments, createUpstream({ ...options, ...limits, origin: vault }))
}

export function systemClock(): number {
  return Date.now() / 1000
}

import type { Server } from 'node:http'
import type { Logger } from 'pino'
import type { Config } from './config/config.ts'
import { packageVersion } from './config/package-files.ts'
import { createAdmin } from './gateway-admin.ts'
import { sessionsOf } from './gateway-gate.ts'
import { createOwnIssuance, type OwnIssuance } from './gateway-issuing.ts'
import { type Leases, leasesOf } from './gateway-leases.ts'
import { upstreamBudgetOf } from './gateway-limits.ts'
import { SharedPort } from './gateway-shared-port.ts'
import { type GatewayState, openState } from './gateway-state.ts'
import type { PoolWorker, WorkerPool } from './hosts/worker-pool.ts'
import { type Counters, noCounters, sumCounters } from './observability/counters.ts'
import { openLogger } from './observability/logger.ts'
import { createMetrics } from './observability/metrics.ts'
import { mergeMetrics } from './observability/metrics-merge.ts'
import { createWorkerMetrics, type WorkerMetrics } from './observability/metrics-of-workers.ts'
import { countingRevocations } from './observability/metrics-revocations.ts'
import type { MetricsSnapshot } from './observability/metrics-snapshot.ts'
import type { Sessions } from './session/create-sessions.ts'
import { announcing } from './session/session-news.ts'

/** The process that keeps the workers, and what it knows of them. */
export interface Keeper {
  readonly sessions: Sessions
  /** Null: no session tokens are issued. */
  readonly issuance: OwnIssuance | null
  readonly state: GatewayState
  /** Of the budget that tokens are obtained with; null: it is not shared. */
  readonly leases: Leases | null
  readonly admin: Server | null
  readonly logger: Logger
  readonly flush: () => void
  readonly counters: () => Counters
  readonly metrics: () => Promise<MetricsSnapshot>
  /** Latest counters of each worker that lives; those of the dead are summed up in `past`. */
  readonly latest: Map<PoolWorker, Counters>
  readonly workerMetrics: WorkerMetrics<PoolWorker>
  past: Counters
  readonly port: SharedPort
  pool: WorkerPool | undefined
  isDraining: boolean
}

export async function createKeeper(config: Config): Promise<Keeper> {
  const { logger, flush } = openLogger(config.log)
  const state = await openState(config, logger)
  const { onRecorded, onRevoked } = state.sessionParts
  const sessions = await sessionsOf(config, () => Date.now() / 1000, { onRecorded, onRevoked })
  const registry = countingRevocations(
    announcing(sessions, news => keeper.pool?.broadcast(news)),
    () => ownMetrics.noteRevocation(),
  )
  const budget = config.issuing && upstreamBudgetOf(config)
  const leases = leasesOf(config, budget, state)
  await leases?.renew()
  const issuance = config.issuing && createOwnIssuance(config, config.issuing, { registry, logger, budget })
  state.join(sessions, issuance)
  const ownMetrics = createMetrics({ version: packageVersion(), sessions, budget, issuance, configGeneration: () => 1 })
  const workerMetrics = createWorkerMetrics<PoolWorker>({
    ask: (worker, round) => worker.send({ kind: 'metrics', round }),
  })
  const latest = new Map<PoolWorker, Counters>()
  // Its own come first: of what only it knows, the workers say 0.
  const metrics = async (): Promise<MetricsSnapshot> =>
    mergeMetrics([await ownMetrics.snapshot(), ...(await workerMetrics.collect(latest.keys()))])
  const counters = (): Counters => sumCounters([keeper.past, ...latest.values()])
  const live = (): number => keeper.port.live
  const admin = createAdmin(config, {
    startedAt: performance.now(),
    sessions,
    counters,
    logger,
    isDraining: () => keeper.isDraining,
    workers: () => ({ configured: config.workers, live: live(), restarts: keeper.pool?.restarts ?? 0 }),
    registry,
    issuance,
    state,
    metrics,
    readiness() {
      const isReady = !keeper.isDraining && live() * 2 >= config.workers
      return {
        isReady,
        checks: { draining: keeper.isDraining ? 'yes' : 'no', workers: `${live()} of ${config.workers}` },
      }
    },
  })
  const rest = { past: noCounters, port: new SharedPort(), pool: undefined, isDraining: false }
  const keeper: Keeper = {
    sessions,
    issuance,
    state,
    leases,
    admin,
    logger,
    flush,
    counters,
    metrics,
    latest,
    workerMetrics,
    ...rest,
  }
  return keeper
}

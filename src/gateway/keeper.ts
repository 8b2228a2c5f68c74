import type { Server } from 'node:http'
import type { Readiness } from '../admin/status-routes.ts'
import type { Config } from '../config/config.ts'
import type { PoolWorker, WorkerPool } from '../hosts/worker-pool.ts'
import { type Counters, noCounters, sumCounters } from '../observability/counters.ts'
import { mergeMetrics } from '../observability/metrics-merge.ts'
import { createWorkerMetrics, type WorkerMetrics } from '../observability/metrics-of-workers.ts'
import type { MetricsSnapshot } from '../observability/metrics-snapshot.ts'
import { createAdmin } from './admin.ts'
import { recordReload } from './audit.ts'
import { configurationOf } from './configuration.ts'
import { inForceOf } from './in-force.ts'
import { createKeeperParts, type KeeperParts } from './keeper-parts.ts'
import { configurationCheck } from './readiness.ts'
import { createReloading, type Generation, type Reloading } from './reload.ts'
import { SharedPort } from './shared-port.ts'
import type { WorkersStatus } from './status.ts'

/** The process that keeps the workers, and what it knows of them. */
export interface Keeper extends KeeperParts {
  readonly admin: Server | null
  readonly reloading: Reloading
  readonly counters: () => Counters
  readonly allMetrics: () => Promise<MetricsSnapshot>
  readonly crew: Crew
}

/** The workers, as far as their keeper knows them. */
export interface Crew {
  /** Latest counters of each worker that lives; those of the dead are summed up in `past`. */
  readonly latest: Map<PoolWorker, Counters>
  readonly metrics: WorkerMetrics<PoolWorker>
  past: Counters
  readonly port: SharedPort
  /** Where they answer gateways that ask for decisions; `''`: nowhere. */
  forwardAuthUrl: string
  /** Undefined before the start. */
  pool: WorkerPool | undefined
  isDraining: boolean
}

export async function createKeeper(config: Config): Promise<Keeper> {
  const crew = createCrew()
  const parts = await createKeeperParts(config, news => crew.pool?.broadcast(news))
  const { metrics, logger, record, inForce } = parts
  const reloading = createReloading({
    config,
    async apply(next) {
      // It serves nobody, but explains how its workers decide.
      const useKeys = await parts.sessions.prepareKeys(next.config.session.keys)
      useKeys()
      parts.sessions.useScopeClaim(next.config.policy.scopeClaim)
      putInForce(next, parts, crew)
    },
    onResult(result, problems) {
      metrics.noteReload(result)
      recordReload(record, result, inForce, problems)
    },
    logger,
  })
  const counters = (): Counters => sumCounters([crew.past, ...crew.latest.values()])
  // Its own come first: of what only it knows, the workers say 0.
  const allMetrics = async (): Promise<MetricsSnapshot> =>
    mergeMetrics([await metrics.snapshot(), ...(await crew.metrics.collect(crew.latest.keys()))])
  const admin = createAdmin({
    ...parts,
    reloading,
    startedAt: performance.now(),
    counters,
    isDraining: () => crew.isDraining,
    workers: () => workersOf(config, crew),
    metrics: allMetrics,
    readiness: () => readinessOf(workersOf(config, crew), crew, { ...parts, reloading }),
  })
  return { ...parts, admin, reloading, counters, allMetrics, crew }
}

function createCrew(): Crew {
  return {
    latest: new Map(),
    metrics: createWorkerMetrics<PoolWorker>({ ask: (worker, round) => worker.send({ kind: 'metrics', round }) }),
    past: noCounters,
    port: new SharedPort(),
    forwardAuthUrl: '',
    pool: undefined,
    isDraining: false,
  }
}

function putInForce(
  next: Generation,
  { issuance, state, logger, inForce, fingerprintKey }: KeeperParts,
  crew: Crew,
): void {
  const { config } = next
  if (config.issuing) issuance?.useSecrets(config.issuing.secrets)
  state.useSecrets(config.state)
  logger.level = config.log.level
  Object.assign(inForce, inForceOf(next))
  crew.pool?.broadcast(configurationOf(next, fingerprintKey))
}

function workersOf({ workers }: Config, { port, pool }: Crew): WorkersStatus {
  return { configured: workers, live: port.live, restarts: pool?.restarts ?? 0 }
}

/** Ready while at least half of the workers serve. */
function readinessOf(
  { live, configured }: WorkersStatus,
  { isDraining }: Crew,
  { state, reloading }: Pick<Keeper, 'state' | 'reloading'>,
): Readiness {
  return {
    isReady: !isDraining && live * 2 >= configured,
    checks: {
      draining: isDraining ? 'yes' : 'no',
      workers: `${live} of ${configured}`,
      ...(state.isShared && { state: state.shared.health.status }),
      configuration: configurationCheck(reloading),
    },
  }
}

import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import type { Logger } from 'pino'
import type { Config } from './config/config.ts'
import type { Gateway } from './gateway.ts'
import { createAdmin } from './gateway-admin.ts'
import { GatewayError } from './gateway-error.ts'
import { listen, urlOf } from './hosts/listen.ts'
import { watchListener } from './hosts/listener-log.ts'
import { createWorkerPool, type PoolWorker, type WorkerPool } from './hosts/worker-pool.ts'
import { type Counters, noCounters, sumCounters } from './observability/counters.ts'
import { openLogger } from './observability/logger.ts'
import { createSessions, type Sessions } from './session/create-sessions.ts'
import { announcing, knownSessions, type SessionNews } from './session/session-news.ts'

/** What a worker tells its keeper. */
export type WorkerReport =
  // It hears from now on; what was said before is lost.
  | { readonly kind: 'begun' }
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'counters'; readonly counters: Counters }

/** What its keeper tells a worker. */
export type WorkerOrder = SessionNews | { readonly kind: 'stop' }

/**
 * Starts a worker.
 *
 * @param port the one that the first workers were given. Without it, workers that begin when all others are gone would
 *   get another one where the configuration leaves the choice to the system
 */
export type ForkWorker = (port: number | undefined) => PoolWorker

/** How much longer than their own drain the workers are waited for, in milliseconds. */
const patienceMs = 1000

/**
 * A gateway of several processes that share a port. This process keeps them, and has the admin listener: what is told to
 * it about sessions reaches every worker, and the ones that begin later.
 *
 * @throws what the admin listener throws, and ERR_FORAGE_LISTEN when the workers cannot have their address
 */
export async function createWorkerGateway(config: Config, fork: ForkWorker): Promise<Gateway> {
  const keeper = await createKeeper(config)
  const { admin, logger, flush } = keeper
  let stopped: Promise<void> | undefined

  async function start(): Promise<void> {
    if (admin && config.admin) await listen(admin, { ...config.admin, key: 'admin' }, watchListener(admin, logger))
    try {
      await startPool(config, keeper, fork)
    } catch (error) {
      await stop()
      throw error
    }
  }

  async function stop(): Promise<void> {
    keeper.isDraining = true
    await keeper.pool?.stop(config.drainTimeoutMs + patienceMs)
    admin?.closeAllConnections()
    admin?.close()
    flush()
  }

  return {
    get url() {
      return keeper.url
    },
    get adminUrl() {
      return admin ? urlOf(admin) : ''
    },
    sessions: keeper.sessions,
    counters: keeper.counters,
    start,
    stop() {
      stopped ??= stop()
      return stopped
    },
  }
}

/** The process that keeps the workers, and what it knows of them. */
interface Keeper {
  readonly sessions: Sessions
  readonly admin: Server | null
  readonly logger: Logger
  readonly flush: () => void
  readonly counters: () => Counters
  /** Latest counters of each worker that lives; those of the dead are summed up in `past`. */
  readonly latest: Map<PoolWorker, Counters>
  past: Counters
  pool: WorkerPool | undefined
  url: string
  isDraining: boolean
}

async function createKeeper(config: Config): Promise<Keeper> {
  const { logger, flush } = openLogger(config.log)
  const { environment, session, policy } = config
  const sessions = await createSessions({
    environment,
    settings: session,
    keys: session.keys,
    scopeClaim: policy.scopeClaim,
    fingerprintKey: randomBytes(32),
    now: () => Date.now() / 1000,
  })
  const latest = new Map<PoolWorker, Counters>()
  const counters = (): Counters => sumCounters([keeper.past, ...latest.values()])
  const live = (): number => keeper.pool?.live ?? 0
  const admin = createAdmin(config, {
    startedAt: performance.now(),
    sessions,
    counters,
    logger,
    isDraining: () => keeper.isDraining,
    workers: () => ({ configured: config.workers, live: live(), restarts: keeper.pool?.restarts ?? 0 }),
    registry: announcing(sessions, news => keeper.pool?.broadcast(news)),
    readiness() {
      const isReady = !keeper.isDraining && live() * 2 >= config.workers
      return {
        isReady,
        checks: { draining: keeper.isDraining ? 'yes' : 'no', workers: `${live()} of ${config.workers}` },
      }
    },
  })
  const state = { past: noCounters, pool: undefined, url: '', isDraining: false }
  const keeper: Keeper = { sessions, admin, logger, flush, counters, latest, ...state }
  return keeper
}

/** Starts the workers, and waits until all of them listen. */
function startPool(config: Config, keeper: Keeper, fork: ForkWorker): Promise<void> {
  const { logger, latest, sessions } = keeper
  return new Promise((resolve, reject) => {
    let listening = 0
    keeper.pool = createWorkerPool({
      count: config.workers,
      fork: () => fork(keeper.url === '' ? undefined : Number(new URL(keeper.url).port)),
      onMessage(worker, message) {
        const report = message as WorkerReport
        if (report.kind === 'begun') worker.send(knownSessions(sessions))
        else if (report.kind === 'counters') latest.set(worker, report.counters)
        else if (report.kind === 'failed') reject(new GatewayError('ERR_FORAGE_LISTEN', report.message))
        else {
          keeper.url = report.url
          if (++listening === config.workers) resolve()
        }
      },
      onLoss(worker, restartInMs) {
        keeper.past = sumCounters([keeper.past, latest.get(worker) ?? noCounters])
        latest.delete(worker)
        logger.error({ restart_in_ms: restartInMs }, 'a worker died and is replaced')
      },
    })
  })
}

import type { Server } from 'node:http'
import type { Logger } from 'pino'
import type { Config } from './config/config.ts'
import type { Gateway } from './gateway.ts'
import { createAdmin } from './gateway-admin.ts'
import { createEnding } from './gateway-ending.ts'
import { GatewayError } from './gateway-error.ts'
import { sessionsOf } from './gateway-gate.ts'
import { createOwnIssuance, type OwnIssuance } from './gateway-issuing.ts'
import { answerWorker, type KeeperCall, type KeeperReply } from './gateway-keeper-link.ts'
import { upstreamBudgetOf } from './gateway-limits.ts'
import { SharedPort } from './gateway-shared-port.ts'
import { watchIssuingSecrets } from './hosts/key-files.ts'
import { listen, urlOf } from './hosts/listen.ts'
import { watchListener } from './hosts/listener-log.ts'
import { createWorkerPool, type PoolWorker, type WorkerPool } from './hosts/worker-pool.ts'
import { type Counters, noCounters, sumCounters } from './observability/counters.ts'
import { openLogger } from './observability/logger.ts'
import type { Sessions } from './session/create-sessions.ts'
import { announcing, knownSessions, type SessionNews } from './session/session-news.ts'

/** What a worker tells its keeper. */
export type WorkerReport =
  // It hears from now on; what was said before is lost.
  | { readonly kind: 'begun' }
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'failed'; readonly message: string }
  // Something is wrong with it: it finishes what it is at, and ends.
  | { readonly kind: 'leaving' }
  | { readonly kind: 'counters'; readonly counters: Counters }
  | KeeperCall
  | Turn

/** What its keeper tells a worker. */
export type WorkerOrder = SessionNews | KeeperReply | { readonly kind: 'stop' } | Turn

/**
 * A worker asks for it and gets it back, a turn of its keeper's event loop later. It is the keeper that accepts the
 * connections, one per turn, and what it has handed to the worker by then is there before the answer.
 */
interface Turn {
  readonly kind: 'turn'
}

/**
 * Starts a worker.
 *
 * @param port to listen on, in place of the configured one, which may leave the choice to the system
 */
export type ForkWorker = (port: number | undefined) => PoolWorker

/** How much longer than their own drain the workers are waited for, in milliseconds. */
const patienceMs = 2000

/**
 * A gateway of several processes that share a port. This process keeps them, and has the admin listener: what is told to
 * it about sessions reaches every worker, and the ones that begin later.
 *
 * @throws what the admin listener throws, and ERR_FORAGE_LISTEN when the workers cannot have their address
 */
export async function createWorkerGateway(config: Config, fork: ForkWorker): Promise<Gateway> {
  const keeper = await createKeeper(config)
  const { admin, logger, flush } = keeper
  const { lameDuckMs = 0, drainTimeoutMs } = config
  const ending = createEnding(logger, lameDuckMs, end)
  let stopWatching = (): void => {}

  async function start(): Promise<void> {
    if (admin && config.admin) await listen(admin, { ...config.admin, key: 'admin' }, watchListener(admin, logger))
    try {
      await startPool(config, keeper, fork)
      stopWatching = watchSecrets(config, keeper)
      keeper.issuance?.start()
    } catch (error) {
      await ending.stop()
      throw error
    }
  }

  /** Each worker keeps its own lame-duck time: what ails its keeper is not its fault. */
  async function end(): Promise<void> {
    keeper.isDraining = true
    stopWatching()
    await keeper.pool?.stop(lameDuckMs + drainTimeoutMs + patienceMs)
    await keeper.issuance?.close()
    admin?.closeAllConnections()
    admin?.close()
    flush()
  }

  return {
    get url() {
      return keeper.port.url
    },
    get adminUrl() {
      return admin ? urlOf(admin) : ''
    },
    sessions: keeper.sessions,
    counters: keeper.counters,
    start,
    ...ending,
  }
}

/** The process that keeps the workers, and what it knows of them. */
interface Keeper {
  readonly sessions: Sessions
  /** Null: no session tokens are issued. */
  readonly issuance: OwnIssuance | null
  readonly admin: Server | null
  readonly logger: Logger
  readonly flush: () => void
  readonly counters: () => Counters
  /** Latest counters of each worker that lives; those of the dead are summed up in `past`. */
  readonly latest: Map<PoolWorker, Counters>
  past: Counters
  readonly port: SharedPort
  pool: WorkerPool | undefined
  isDraining: boolean
}

async function createKeeper(config: Config): Promise<Keeper> {
  const { logger, flush } = openLogger(config.log)
  const sessions = await sessionsOf(config, () => Date.now() / 1000)
  const registry = announcing(sessions, news => keeper.pool?.broadcast(news))
  const budget = upstreamBudgetOf(config)
  const issuance = config.issuing && createOwnIssuance(config, config.issuing, { registry, logger, budget })
  const latest = new Map<PoolWorker, Counters>()
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
    readiness() {
      const isReady = !keeper.isDraining && live() * 2 >= config.workers
      return {
        isReady,
        checks: { draining: keeper.isDraining ? 'yes' : 'no', workers: `${live()} of ${config.workers}` },
      }
    },
  })
  const state = { past: noCounters, port: new SharedPort(), pool: undefined, isDraining: false }
  const keeper: Keeper = { sessions, issuance, admin, logger, flush, counters, latest, ...state }
  return keeper
}

/** Starts the workers, and waits until all of them listen. */
function startPool(config: Config, keeper: Keeper, fork: ForkWorker): Promise<void> {
  const { logger, latest, port, sessions } = keeper
  return new Promise((resolve, reject) => {
    keeper.pool = createWorkerPool({
      count: config.workers,
      fork: () => fork(port.next()),
      onMessage(worker, message) {
        const report = message as WorkerReport
        if (report.kind === 'begun') worker.send(knownSessions(sessions))
        else if (report.kind === 'turn') setImmediate(() => worker.send(report))
        else if (report.kind === 'leaving') port.leave(worker)
        else if (report.kind === 'counters') latest.set(worker, report.counters)
        else if (isCall(report)) void answer(keeper, worker, report)
        else if (report.kind === 'failed') reject(new GatewayError('ERR_FORAGE_LISTEN', report.message))
        else {
          port.join(worker, report.url)
          if (port.live === config.workers) resolve()
        }
      },
      onLoss(worker, restartInMs) {
        keeper.past = sumCounters([keeper.past, latest.get(worker) ?? noCounters])
        latest.delete(worker)
        port.leave(worker)
        logger.error({ restart_in_ms: restartInMs }, 'a worker died and is replaced')
      },
    })
  })
}

/** The workers watch theirs: each of them knows the keys of the backend, this process the client that tokens are asked with. */
function watchSecrets({ issuing }: Config, { issuance, logger }: Keeper): () => void {
  if (issuing === null || issuance === null) return () => {}
  const renewSecrets = () => issuance.useSecrets(issuing.readSecrets())
  return watchIssuingSecrets(issuing.secretFiles, { issuing: { renewSecrets }, logger })
}

function isCall(report: WorkerReport): report is KeeperCall {
  return report.kind === 'issue' || report.kind === 'find' || report.kind === 'blocked'
}

async function answer({ issuance, sessions }: Keeper, worker: PoolWorker, call: KeeperCall): Promise<void> {
  const find = async (digest: string) => sessions.ledger.findByDigest(digest)
  const reply = await answerWorker(call, { issuance, find })
  if (reply) worker.send(reply)
}

import type { Config } from './config/config.ts'
import type { Gateway } from './gateway.ts'
import { createEnding } from './gateway-ending.ts'
import { GatewayError } from './gateway-error.ts'
import { createKeeper, type Keeper } from './gateway-keeper.ts'
import { answerWorker, type KeeperCall, type KeeperReply } from './gateway-keeper-link.ts'
import { settling } from './gateway-state.ts'
import { watchIssuingSecrets } from './hosts/key-files.ts'
import { listen, urlOf } from './hosts/listen.ts'
import { watchListener } from './hosts/listener-log.ts'
import { createWorkerPool, type PoolWorker } from './hosts/worker-pool.ts'
import { type Counters, noCounters, sumCounters } from './observability/counters.ts'
import type { MetricsSnapshot } from './observability/metrics-snapshot.ts'
import { knownSessions, type SessionNews } from './session/session-news.ts'

/** What a worker tells its keeper. */
export type WorkerReport =
  // It hears from now on; what was said before is lost.
  | { readonly kind: 'begun' }
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'failed'; readonly message: string }
  // Something is wrong with it: it finishes what it is at, and ends.
  | { readonly kind: 'leaving' }
  | { readonly kind: 'counters'; readonly counters: Counters }
  | { readonly kind: 'metrics'; readonly round: number; readonly snapshot: MetricsSnapshot }
  | KeeperCall
  | Turn

/** What its keeper tells a worker. */
export type WorkerOrder =
  | SessionNews
  | KeeperReply
  | { readonly kind: 'stop' }
  // It is asked for its metrics, and answers with the same round.
  | { readonly kind: 'metrics'; readonly round: number }
  | Turn

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
    await keeper.leases?.close()
    await keeper.state.close()
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
    metrics: keeper.metrics,
    start,
    ...ending,
  }
}

/** Starts the workers, and waits until all of them listen. */
function startPool(config: Config, keeper: Keeper, fork: ForkWorker): Promise<void> {
  const { logger, latest, port, sessions, workerMetrics } = keeper
  return new Promise((resolve, reject) => {
    keeper.pool = createWorkerPool({
      count: config.workers,
      fork: () => fork(port.next()),
      onMessage(worker, message) {
        const report = message as WorkerReport
        if (report.kind === 'begun') {
          latest.set(worker, noCounters)
          worker.send(knownSessions(sessions))
        } else if (report.kind === 'turn') setImmediate(() => worker.send(report))
        else if (report.kind === 'leaving') port.leave(worker)
        else if (report.kind === 'counters') latest.set(worker, report.counters)
        else if (report.kind === 'metrics') workerMetrics.hear(worker, report.round, report.snapshot)
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
        workerMetrics.lose(worker)
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

async function answer({ issuance, sessions, state }: Keeper, worker: PoolWorker, call: KeeperCall): Promise<void> {
  const find = async (digest: string) => sessions.ledger.findByDigest(digest)
  const reply = await answerWorker(call, { issuance: issuance && settling(issuance, state), find })
  if (reply) worker.send(reply)
}

import type { ActivityReport } from '../admin/console-activity.ts'
import type { Config } from '../config/config.ts'
import { packageVersion } from '../config/package-files.ts'
import type { Gateway } from '../gateway.ts'
import { GatewayError } from '../gateway-error.ts'
import { listen, urlOf } from '../hosts/listen.ts'
import { watchListener } from '../hosts/listener-log.ts'
import { createWorkerPool, type PoolWorker } from '../hosts/worker-pool.ts'
import type { AuditEvent } from '../observability/audit-event.ts'
import { type Counters, noCounters, sumCounters } from '../observability/counters.ts'
import type { MetricsSnapshot } from '../observability/metrics-snapshot.ts'
import { knownSessions, type SessionNews } from '../session/session-news.ts'
import { recordStart, recordStop } from './audit.ts'
import { type ConfigurationOrder, configurationOf } from './configuration.ts'
import { createEnding } from './ending.ts'
import { createKeeper, type Keeper } from './keeper.ts'
import { answerWorker, type KeeperCall, type KeeperReply } from './keeper-link.ts'
import { settling } from './state.ts'

/** What a worker tells its keeper. */
export type WorkerReport =
  // It wants the configuration: the files may have changed since the others read them.
  | { readonly kind: 'hello' }
  // It hears from now on; what was said before is lost.
  | { readonly kind: 'begun' }
  | { readonly kind: 'listening'; readonly url: string; readonly forwardAuthUrl: string }
  // For the audit trail, which the keeper writes.
  | { readonly kind: 'audit'; readonly event: AuditEvent }
  | { readonly kind: 'failed'; readonly message: string }
  // Something is wrong with it: it finishes what it is at, and ends.
  | { readonly kind: 'leaving' }
  | { readonly kind: 'counters'; readonly counters: Counters }
  | { readonly kind: 'activity'; readonly activity: ActivityReport }
  | { readonly kind: 'metrics'; readonly round: number; readonly snapshot: MetricsSnapshot }
  | KeeperCall
  | Turn

/** What its keeper tells a worker. */
export type WorkerOrder =
  | SessionNews
  | KeeperReply
  | ConfigurationOrder
  | { readonly kind: 'stop' }
  // The files of the log have been moved away.
  | { readonly kind: 'reopen' }
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
  const { admin, logger, log, trail, record, crew, reloading } = keeper
  const { lameDuckMs = 0, drainTimeoutMs } = config
  const ending = createEnding(logger, lameDuckMs, end)

  async function start(): Promise<void> {
    if (admin && config.admin) await listen(admin, { ...config.admin, key: 'admin' }, watchListener(admin, logger))
    try {
      await startPool(config, keeper, fork)
      reloading.watch()
      keeper.issuance?.start()
      recordStart(record, config, packageVersion())
    } catch (error) {
      await ending.stop()
      throw error
    }
  }

  /** Each worker keeps its own lame-duck time: what ails its keeper is not its fault. */
  async function end(): Promise<void> {
    crew.isDraining = true
    reloading.unwatch()
    await crew.pool?.stop(lameDuckMs + drainTimeoutMs + patienceMs)
    await keeper.issuance?.close()
    await keeper.leases?.close()
    await keeper.state.close()
    admin?.closeAllConnections()
    admin?.close()
    recordStop(record)
    await Promise.all([trail?.close(), log.drain()])
  }

  return {
    get url() {
      return crew.port.url
    },
    get adminUrl() {
      return admin ? urlOf(admin) : ''
    },
    sessions: keeper.sessions,
    counters: keeper.counters,
    activity: keeper.activity,
    metrics: keeper.allMetrics,
    get forwardAuthUrl() {
      return crew.forwardAuthUrl
    },
    reopenLogs() {
      log.reopen()
      trail?.reopen()
      crew.pool?.broadcast({ kind: 'reopen' })
    },
    reload: reloading.reload,
    use: reloading.use,
    start,
    ...ending,
  }
}

/** Starts the workers, and waits until all of them listen. */
function startPool(config: Config, keeper: Keeper, fork: ForkWorker): Promise<void> {
  const { logger, sessions, record, reloading, fingerprintKey, crew } = keeper
  const { latest, port } = crew
  return new Promise((resolve, reject) => {
    crew.pool = createWorkerPool({
      count: config.workers,
      fork: () => fork(port.next()),
      onMessage(worker, message) {
        const report = message as WorkerReport
        if (report.kind === 'hello') worker.send(configurationOf(reloading.current(), fingerprintKey))
        else if (report.kind === 'begun') {
          latest.set(worker, noCounters)
          worker.send(knownSessions(sessions))
        } else if (report.kind === 'turn') setImmediate(() => worker.send(report))
        else if (report.kind === 'leaving') port.leave(worker)
        else if (report.kind === 'counters') latest.set(worker, report.counters)
        else if (report.kind === 'activity') keeper.activity.hear(report.activity)
        else if (report.kind === 'metrics') crew.metrics.hear(worker, report.round, report.snapshot)
        else if (report.kind === 'audit') record(report.event)
        else if (isCall(report)) void answer(keeper, worker, report)
        else if (report.kind === 'failed') reject(new GatewayError('ERR_FORAGE_LISTEN', report.message))
        else {
          port.join(worker, report.url)
          crew.forwardAuthUrl = report.forwardAuthUrl
          if (port.live === config.workers) resolve()
        }
      },
      onLoss(worker, restartInMs, { pid, exitCode, signal }) {
        crew.past = sumCounters([crew.past, latest.get(worker) ?? noCounters])
        latest.delete(worker)
        crew.metrics.lose(worker)
        port.leave(worker)
        const end = { worker_pid: pid, exit_code: exitCode, signal }
        logger.error({ event: 'worker_died', ...end, restart_in_ms: restartInMs }, 'a worker died and is replaced')
      },
    })
  })
}

function isCall(report: WorkerReport): report is KeeperCall {
  return report.kind === 'issue' || report.kind === 'find' || report.kind === 'blocked'
}

async function answer({ issuance, sessions, state }: Keeper, worker: PoolWorker, call: KeeperCall): Promise<void> {
  const find = async (digest: string) => sessions.ledger.findByDigest(digest)
  const reply = await answerWorker(call, { issuance: issuance && settling(issuance, state), find })
  if (reply) worker.send(reply)
}

import cluster from 'node:cluster'
import process from 'node:process'
import type { Config } from '../config/config.ts'
import { type ConfigurationOrder, readConfigurationOrder } from '../gateway/configuration.ts'
import { createKeeperLink, type KeeperLink, type KeeperReply } from '../gateway/keeper-link.ts'
import type { WorkerOrder, WorkerReport } from '../gateway/workers.ts'
import { createGateway, type Gateway } from '../gateway.ts'
import { GatewayError } from '../gateway-error.ts'
import type { AuditEvent } from '../observability/audit-event.ts'
import { hearNews } from '../session/session-news.ts'
import { type ExitCode, exitCodes, type Io } from './command.ts'
import { workerPortVariable } from './fork-worker.ts'
import { type Mailbox, openMailbox } from './mailbox.ts'

const reportEveryMs = 1000

/**
 * Serves as one of several processes, until its keeper says stop or is gone. Signals are the keeper's business: a
 * terminal sends them to all.
 *
 * @returns 0 when it was stopped in order, 70 when there was a fault, 78 when it cannot listen
 */
export async function runWorker({ env }: Pick<Io, 'env'>): Promise<ExitCode> {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {})
  const link = createKeeperLink(report)
  const mailbox = openMailbox()
  report({ kind: 'hello' })
  const first = await mailbox.configuration
  if (!first) return exitCodes.fine
  const gateway = await createGatewayFrom(first, env, link)
  const { informed, stopped } = hearKeeper(mailbox, { gateway, link, env })
  report({ kind: 'begun' })
  // It must know what is revoked before it lets anybody in.
  await Promise.race([informed, stopped])
  try {
    await gateway.start()
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    report({ kind: 'failed', message: error.message })
    return exitCodes.wrongConfiguration
  }
  report({ kind: 'listening', url: gateway.url, forwardAuthUrl: gateway.forwardAuthUrl })
  setInterval(() => reportFigures(gateway), reportEveryMs).unref()
  return serve(gateway, stopped)
}

function reportFigures({ counters, activity }: Gateway): void {
  report({ kind: 'counters', counters: counters() })
  const lately = activity.takeReport()
  if (lately.intervals.length > 0) report({ kind: 'activity', activity: lately })
}

/** A worker has no admin listener, and is told when anything is to be read again. */
function configOf(order: ConfigurationOrder, env: NodeJS.ProcessEnv): Config {
  const { source: _, ...config } = readConfigurationOrder(order, env)
  // The one that the first workers got, where the configuration names none.
  const listen = { ...config.listen, port: Number(env[workerPortVariable] ?? config.listen.port) }
  return { ...config, admin: null, listen }
}

async function createGatewayFrom(
  order: ConfigurationOrder,
  env: NodeJS.ProcessEnv,
  link: KeeperLink,
): Promise<Gateway> {
  const fingerprintKey = Buffer.from(order.fingerprintKey, 'base64')
  const { generation } = order
  return createGateway(configOf(order, env), { nextTurn, fingerprintKey, generation, recordAudit, ...link })
}

/** The keeper is the one that writes, and may have another configuration in force by then: each event says its own. */
function recordAudit(event: AuditEvent): void {
  report({ kind: 'audit', event })
}

async function serve(gateway: Gateway, stopped: Promise<void>): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.fine
  const failed = new Promise<void>(resolve => {
    // Once: the next one ends the process at once.
    process.once('uncaughtException', error => {
      exitCode = exitCodes.internalFault
      report({ kind: 'leaving' })
      resolve(gateway.fail(error))
    })
  })
  await Promise.race([stopped, failed])
  await gateway.stop()
  return exitCode
}

/** What a worker waits for. */
interface Keeper {
  /** It has been told what is known about sessions. */
  readonly informed: Promise<void>
  readonly stopped: Promise<void>
}

interface Hearing {
  readonly gateway: Gateway
  readonly link: KeeperLink
  readonly env: NodeJS.ProcessEnv
}

function hearKeeper(mailbox: Mailbox, { gateway, link, env }: Hearing): Keeper {
  const { sessions, metrics } = gateway
  let isToldToStop = false
  let stop = (): void => {}
  const stopped = new Promise<void>(resolve => {
    stop = resolve
  })
  const informed = new Promise<void>(resolve => {
    mailbox.deliverTo(order => {
      if (order.kind === 'turn') return
      if (order.kind === 'stop') {
        isToldToStop = true
        stop()
      } else if (isReply(order)) link.hear(order)
      else if (order.kind === 'reopen') gateway.reopenLogs()
      else if (order.kind === 'metrics') void tellMetrics(order.round, metrics)
      else if (order.kind === 'configuration') void useConfiguration(order, gateway, env)
      else hearNews(order, sessions)
      if (order.kind === 'known') resolve()
    })
  })
  const { worker } = cluster
  worker?.once('disconnect', () => {
    link.close()
    // A keeper that goes while its workers stop was told twice to: they end with it.
    if (isToldToStop) return
    // Otherwise it died, and Node would end its workers on the spot unless they say that they left it.
    worker.exitedAfterDisconnect = true
    stop()
  })
  return { informed, stopped }
}

/** The keeper found it fit with the same files and variables. */
async function useConfiguration(order: ConfigurationOrder, { use }: Gateway, env: NodeJS.ProcessEnv): Promise<void> {
  await use({ config: configOf(order, env), generation: order.generation })
}

async function tellMetrics(round: number, metrics: Gateway['metrics']): Promise<void> {
  report({ kind: 'metrics', round, snapshot: await metrics() })
}

function isReply(order: WorkerOrder): order is KeeperReply {
  return order.kind === 'issued' || order.kind === 'found' || order.kind === 'unknown'
}

function report(message: WorkerReport): void {
  // That its keeper is gone is no fault of this process.
  if (process.connected) process.send?.(message, () => {})
}

/** A turn of the keeper's event loop; where the keeper is gone, there is nobody to accept anything. */
function nextTurn(): Promise<void> {
  return new Promise(resolve => {
    const end = (order?: WorkerOrder): void => {
      if (order && order.kind !== 'turn') return
      process.off('message', end).off('disconnect', end)
      resolve()
    }
    process.on('message', end).on('disconnect', end)
    if (process.connected) report({ kind: 'turn' })
    else end()
  })
}

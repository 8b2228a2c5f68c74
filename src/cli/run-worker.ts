import cluster from 'node:cluster'
import process from 'node:process'
import type { Config } from '../config/config.ts'
import { createGateway, type Gateway } from '../gateway.ts'
import { GatewayError } from '../gateway-error.ts'
import { createKeeperLink, type KeeperLink, type KeeperReply } from '../gateway-keeper-link.ts'
import type { WorkerOrder, WorkerReport } from '../gateway-workers.ts'
import { hearNews } from '../session/session-news.ts'
import { type ExitCode, exitCodes } from './command.ts'

const reportEveryMs = 1000

/**
 * Serves as one of several processes, until its keeper says stop or is gone. Signals are the keeper's business: a
 * terminal sends them to all.
 *
 * @param port the one that the first workers got, where the configuration names none
 * @returns 0 when it was stopped in order, 70 when there was a fault, 78 when it cannot listen
 */
export async function runWorker(config: Config, port: string = String(config.listen.port)): Promise<ExitCode> {
  const listen = { ...config.listen, port: Number(port) }
  const link = createKeeperLink(report)
  const gateway = await createGateway({ ...config, admin: null, listen }, { nextTurn, ...link })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})
  const { informed, stopped } = hearKeeper(gateway, link)
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
  report({ kind: 'listening', url: gateway.url })
  setInterval(() => report({ kind: 'counters', counters: gateway.counters() }), reportEveryMs).unref()
  return serve(gateway, stopped)
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

function hearKeeper({ sessions, metrics }: Gateway, link: KeeperLink): Keeper {
  let isToldToStop = false
  let stop = (): void => {}
  const stopped = new Promise<void>(resolve => {
    stop = resolve
  })
  const informed = new Promise<void>(resolve => {
    process.on('message', (order: WorkerOrder) => {
      if (order.kind === 'turn') return
      if (order.kind === 'stop') {
        isToldToStop = true
        stop()
      } else if (isReply(order)) link.hear(order)
      else if (order.kind === 'metrics') void tellMetrics(order.round, metrics)
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

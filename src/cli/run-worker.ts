import process from 'node:process'
import type { Config } from '../config/config.ts'
import { createGateway } from '../gateway.ts'
import { GatewayError } from '../gateway-error.ts'
import type { WorkerOrder, WorkerReport } from '../gateway-workers.ts'
import { hearNews } from '../session/session-news.ts'
import { type ExitCode, exitCodes } from './command.ts'

const reportEveryMs = 1000

/**
 * Serves as one of several processes, until its keeper says stop or is gone. Signals are the keeper's business: a
 * terminal sends them to all.
 *
 * @param port the one that the first workers got, where the configuration names none
 */
export async function runWorker(config: Config, port: string = String(config.listen.port)): Promise<ExitCode> {
  const report = (message: WorkerReport): void => void process.send?.(message)
  const gateway = await createGateway({ ...config, admin: null, listen: { ...config.listen, port: Number(port) } })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})
  const stopped = new Promise<void>(resolve => void process.on('disconnect', resolve))
  // It must know what is revoked before it lets anybody in.
  const informed = new Promise<void>(resolve => {
    process.on('message', (order: WorkerOrder) => {
      if (order.kind === 'stop') process.disconnect()
      else hearNews(order, gateway.sessions)
      if (order.kind === 'known') resolve()
    })
  })
  report({ kind: 'begun' })
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
  await stopped
  await gateway.stop()
  return exitCodes.fine
}

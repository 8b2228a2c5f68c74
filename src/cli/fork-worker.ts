import cluster from 'node:cluster'
import type { PoolWorker } from '../hosts/worker-pool.ts'

/** Environment variable that tells a worker the port, where the configuration leaves the choice to the system. */
export const workerPortVariable = 'FORAGE_GATEWAY_WORKER_PORT'

/**
 * Starts this very command again, as a worker that shares the port.
 *
 * @param port the one that the first workers were given; undefined: these are the first
 */
export function forkWorker(port: number | undefined): PoolWorker {
  const worker = cluster.fork(port === undefined ? {} : { [workerPortVariable]: String(port) })
  // A message to a worker that has just died is lost with it.
  worker.on('error', () => {})
  return {
    send: message => void (worker.isConnected() && worker.send(message)),
    kill: signal => worker.process.kill(signal),
    onMessage: listener => void worker.on('message', listener),
    onExit: listener =>
      void worker.once('exit', (exitCode: number | null, signal: string | null) =>
        listener({ pid: worker.process.pid, exitCode, signal: signal || null }),
      ),
  }
}

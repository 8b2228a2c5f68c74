import type { Logger } from 'pino'
import { logFault } from '../observability/fault-log.ts'

/** The ways in which a gateway ends. It ends once: asked again, it is the same end. */
export interface Ending {
  /** Goes on accepting connections for `lameDuckMs`, lets requests in flight finish, then closes everything. */
  stop(): Promise<void>
  /**
   * The same because of an error that nobody caught. It is logged, and nothing new is accepted: nobody knows what state
   * the process is in.
   */
  fail(error: unknown): Promise<void>
}

/** @param end ends the gateway, after so many milliseconds in which connections are still accepted */
export function createEnding(logger: Logger, lameDuckMs: number, end: (lameDuckMs: number) => Promise<void>): Ending {
  let ended: Promise<void> | undefined
  return {
    stop() {
      ended ??= end(lameDuckMs)
      return ended
    },
    fail(error) {
      logFault(logger, error)
      ended ??= end(0)
      return ended
    },
  }
}

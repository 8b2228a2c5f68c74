import type { Logger } from 'pino'
import { factsOfFault } from './fault-facts.ts'

/**
 * Logs a fault of the gateway's own: the kind of error and where it arose. Not its message, which may repeat a value
 * of the request.
 *
 * @param requestId of the request that it ended. Default: it ended none, but the process
 */
export function logFault(logger: Logger, error: unknown, requestId?: string): void {
  const { name, frames } = factsOfFault(error)
  logger.error({ request_id: requestId, error_name: name, frames }, 'internal fault')
}

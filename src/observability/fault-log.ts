import type { Logger } from 'pino'

/**
 * Logs a fault of the gateway's own: the kind of error and where it arose. Not its message, which may repeat a value
 * of the request.
 *
 * @param requestId of the request that it ended. Default: it ended none, but the process
 */
export function logFault(logger: Logger, error: unknown, requestId?: string): void {
  const { name = 'unknown', message = '', stack = '' } = error instanceof Error ? error : {}
  // The stack begins with the message, whose lines may look like frames.
  const afterMessage = stack.slice(stack.indexOf(message) + message.length)
  const frames = afterMessage.split('\n').filter(line => /^\s+at /.test(line))
  logger.error({ request_id: requestId, error_name: name, frames: frames.map(frame => frame.trim()) }, 'internal fault')
}

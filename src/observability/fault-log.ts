import type { Logger } from 'pino'

/**
 * Logs a fault of the gateway's own: the kind of error and where it arose. Not its message, which may repeat a value
 * of the request.
 */
export function logFault(logger: Logger, error: unknown, requestId: string): void {
  const { name = 'unknown', stack = '' } = error instanceof Error ? error : {}
  const frames = stack.split('\n').filter(line => /^\s+at /.test(line))
  logger.error({ request_id: requestId, error_name: name, frames: frames.map(frame => frame.trim()) }, 'internal fault')
}

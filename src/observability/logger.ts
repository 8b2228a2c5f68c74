import { openSync } from 'node:fs'
import pino, { type Logger } from 'pino'
import { GatewayError } from '../gateway-error.ts'
import { createLogDestination } from './log-destination.ts'

export interface LoggerOptions {
  readonly level: string
  /** `stdout`, `stderr`, or an absolute path that is appended to. */
  readonly destination: string
}

/** A logger and what it takes to stop it. */
export interface OpenLogger {
  readonly logger: Logger
  /** Writes what is still held. */
  flush(): void
}

/**
 * Opens the log: JSON lines to standard output, standard error or a file. No worker thread, no transport: what reads
 * the log further is not part of this process.
 *
 * @throws GatewayError ERR_FORAGE_LOG when the file cannot be opened
 */
export function openLogger({ level, destination }: LoggerOptions): OpenLogger {
  const stream = createLogDestination(open(destination))
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
    },
    stream,
  )
  return { logger, flush: stream.flush }
}

/** A file is opened at once: a path that cannot be written ends the start, not the first request. */
function open(destination: string): number {
  if (destination === 'stdout') return 1
  if (destination === 'stderr') return 2
  try {
    return openSync(destination, 'a', 0o640)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error'
    const message = `The log file ${destination} cannot be opened (${code}). Check that its folder exists and that this user may write there.`
    throw new GatewayError('ERR_FORAGE_LOG', message, { cause })
  }
}

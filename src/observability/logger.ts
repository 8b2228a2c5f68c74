import { openSync } from 'node:fs'
import pino, { type Logger } from 'pino'
import { GatewayError } from '../gateway-error.ts'

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

/** How many octets are gathered before they are written, and how long they may wait for it. */
const gatherBytes = 4096
const gatherMs = 250
/** How much is held for a reader that does not keep up; what comes after is lost, not the payments. */
const maxHeldBytes = 8 * 1024 * 1024

/**
 * Opens the log: JSON lines to standard output, standard error or a file. No worker thread, no transport: what reads
 * the log further is not part of this process.
 *
 * @throws GatewayError ERR_FORAGE_LOG when the file cannot be opened
 */
export function openLogger({ level, destination }: LoggerOptions): OpenLogger {
  const stream = pino.destination({
    dest: open(destination),
    sync: false,
    minLength: gatherBytes,
    maxLength: maxHeldBytes,
    periodicFlush: gatherMs,
  })
  // A full disk or a reader that went away must not stop payments.
  stream.on('error', () => {})
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
    },
    stream,
  )
  return { logger, flush: () => flushQuietly(stream) }
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

function flushQuietly(stream: ReturnType<typeof pino.destination>): void {
  try {
    stream.flushSync()
  } catch {
    // The reader is gone: there is nobody left to tell.
  }
}

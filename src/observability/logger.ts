import pino, { type Logger } from 'pino'
import { GatewayError } from '../gateway-error.ts'
import { requestMessage, type WriteRequest } from './access-log.ts'
import { createFieldMapper } from './field-mapping.ts'
import { fieldMappings, type LogFormat } from './field-mapping-tables.ts'
import { openLogDescriptor } from './log-descriptor.ts'
import { createLogDestination, type LogDestination } from './log-destination.ts'

export interface LoggerOptions {
  readonly level: string
  /** `stdout`, `stderr`, or an absolute path that is appended to. */
  readonly destination: string
  /** Whose names the members of a line have. Default: ours. */
  readonly format?: LogFormat
  /** Google Cloud project that traces belong to. Default: lines name the trace alone. */
  readonly gcpProject?: string
  /** How much is held for a destination that does not keep up, in octets. Default 8 MiB. */
  readonly maxOctets?: number
}

/** A logger and what it takes to keep and to stop it. Fields given to a child of the logger keep our names. */
export interface OpenLogger extends Omit<LogDestination, 'write'> {
  readonly logger: Logger
  /** The short way for what is written with each request. Undefined where the lines have other names than ours. */
  readonly writeRequest: WriteRequest | undefined
}

/**
 * Opens the log: JSON lines to standard output, standard error or a file. No worker thread, no transport: what reads
 * the log further is not part of this process.
 *
 * @throws GatewayError ERR_FORAGE_LOG when the file cannot be opened
 */
export function openLogger(options: LoggerOptions): OpenLogger {
  const { level, destination, format = 'plain', gcpProject, maxOctets } = options
  const stream = createLogDestination(open(destination), {
    ...(maxOctets !== undefined && { maxOctets }),
    ...(isPath(destination) && { open: () => openLogDescriptor(destination) }),
    onRegained: lines => {
      const what = { event: 'log_lines_lost', lines, lines_since_start: stream.lost() }
      logger.error(what, 'lines of the log were lost: it could not be written, or not fast enough')
    },
    onNotReopened: error => {
      const what = { event: 'log_not_reopened', error_code: codeOf(error) }
      logger.error(what, 'the log could not be opened again; it goes on where it was')
    },
  })
  const logger = pino({ level, ...pinoOptions(format, gcpProject) }, stream)
  return {
    logger,
    writeRequest: format === 'plain' ? writeRequestTo(stream) : undefined,
    flush: () => stream.flush(),
    drain: () => stream.drain(),
    lost: () => stream.lost(),
    reopen: () => stream.reopen(),
  }
}

function pinoOptions(format: LogFormat, gcpProject: string | undefined): pino.LoggerOptions {
  const { time, level, levels, message, constants, fields } = fieldMappings[format]
  return {
    base: constants,
    messageKey: message,
    timestamp: timestamps(time),
    formatters: {
      level: label => ({ [level]: levels[label] ?? label }),
      ...(fields && { log: createFieldMapper(fields, gcpProject) }),
    },
  }
}

/** As pino would write it, which takes three times as long: it looks at each member of each line anew. */
function writeRequestTo(stream: Pick<LogDestination, 'write'>): WriteRequest {
  const { time, level: levelName, message } = fieldMappings.plain
  const timeMember = timestamps(time)
  const end = `,"${message}":"${requestMessage}"}\n`
  return (level, members) => stream.write(`{"${levelName}":"${level}"${timeMember()},${members}${end}`)
}

/** The time as a member of a line. Many lines have the same: it is written out once in a millisecond. */
function timestamps(name: string): () => string {
  let [at, member] = [0, '']
  return () => {
    const now = Date.now()
    if (now !== at) [at, member] = [now, `,"${name}":"${new Date(now).toISOString()}"`]
    return member
  }
}

const isPath = (destination: string): boolean => destination !== 'stdout' && destination !== 'stderr'

/** A file is opened at once: a path that cannot be written ends the start, not the first request. */
function open(destination: string): number {
  try {
    return openLogDescriptor(destination)
  } catch (cause) {
    const code = codeOf(cause)
    const message = `The log file ${destination} cannot be opened (${code}). ${adviceFor(code)}`
    throw new GatewayError('ERR_FORAGE_LOG', message, { cause })
  }
}

function adviceFor(code: string): string {
  if (code === 'ENXIO') return 'Start what reads this named pipe first.'
  return 'Check that its folder exists and that this user may write there.'
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error'
}

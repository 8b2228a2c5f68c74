import { LogWriter } from './log-writer.ts'

/** Where log lines go. No member throws, and none waits for whoever reads the lines. */
export interface LogDestination {
  /** @param line with its newline */
  write(line: string): void
  /**
   * Writes what is still held: to a file before this returns, to anything else when it takes it. What was on its way
   * before, several lines at a time, gets there by itself: whoever reads the file next waits for `drain`.
   */
  flush(): void
  /**
   * The end: flushes, and resolves when everything is written or lost, after `drainMs` at the latest. A process that ends
   * must not wait for a reader that has stopped.
   */
  drain(): Promise<void>
  /** Lines that were not written since the start, and never will be. */
  lost(): number
  /** Opens the destination again, after a rotation. What is being written goes to where it was begun. */
  reopen(): void
}

export interface LogDestinationOptions {
  /** Opens the destination again. Default: it cannot be, and stays as it is. */
  readonly open?: () => number
  /** Told how many lines were lost, once lines are written again. Default: nobody. */
  readonly onRegained?: (lines: number) => void
  /** Told why the destination could not be opened again; the old one stays in use. Default: nobody. */
  readonly onNotReopened?: (error: unknown) => void
  /** How much is held for a reader that does not keep up. What comes after is lost, not the payments. Default 8 MiB. */
  readonly maxOctets?: number
  /** How long the end waits for a reader, in milliseconds. Default 1000. */
  readonly drainMs?: number
}

const defaults = { open: undefined, onRegained() {}, onNotReopened() {}, maxOctets: 8 * 1024 * 1024, drainMs: 1000 }

/**
 * Writes lines to a file descriptor, several at a time. Not pino's own destination: its `flushSync`, which it also calls
 * when the process exits, tries again for ever when the disk is full or the reader of a pipe has stopped.
 *
 * One write is on its way at a time. Where the descriptor blocks, a reader that has stopped holds one thread of Node's
 * pool and keeps the process from exiting; where it does not (see `openLogDescriptor`), it holds none.
 */
export function createLogDestination(fd: number, options: LogDestinationOptions = {}): LogDestination {
  return new LogWriter(fd, { ...defaults, ...options })
}

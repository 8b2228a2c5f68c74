import { fstatSync, write, writeSync } from 'node:fs'

/** Where log lines go. Neither member throws or waits. */
export interface LogDestination {
  write(line: string): void
  /** Writes what is still held; a reader that does not keep up gets it when it does. */
  flush(): void
}

/** How much is gathered before it is written, in characters, and how long it may wait for that. */
const gatherLength = 4096
const gatherMs = 250
/** How much is held for a reader that does not keep up; what comes after is lost, not the payments. */
const maxHeldLength = 8 * 1024 * 1024
const retryMs = 100

/**
 * Writes lines to a file descriptor, several at a time. Not pino's own destination: its `flushSync`, which it also calls
 * when the process exits, tries again for ever when the disk is full or the reader of a pipe has stopped.
 */
export function createLogDestination(fd: number): LogDestination {
  const isFile = isRegularFile(fd)
  let held = ''
  let isWriting = false
  let isFlushing = false
  let timer: NodeJS.Timeout | undefined

  function take(): Buffer {
    clearTimeout(timer)
    timer = undefined
    const octets = Buffer.from(held)
    held = ''
    return octets
  }

  function writeHeld(): void {
    if (isWriting || held === '') return
    isWriting = true
    writeAll(take())
  }

  function writeAll(octets: Buffer): void {
    write(fd, octets, (error, written) => {
      // A full pipe that does not block. The process need not stay alive for it.
      if (error?.code === 'EAGAIN') setTimeout(writeAll, retryMs, octets).unref()
      else if (!error && written < octets.length) writeAll(octets.subarray(written))
      else afterWrite()
    })
  }

  /** Whether it was written or is lost: a full disk must not stop payments. */
  function afterWrite(): void {
    isWriting = false
    if (isFlushing || held.length >= gatherLength) writeHeld()
    else if (held !== '') writeLater()
    isFlushing = false
  }

  function writeLater(): void {
    timer ??= setTimeout(writeHeld, gatherMs).unref()
  }

  return {
    write(line) {
      if (held.length + line.length > maxHeldLength) return
      held += line
      if (held.length >= gatherLength) writeHeld()
      else writeLater()
    },
    flush() {
      // Only a write to a file is sure not to wait for a reader.
      if (isWriting && !isFile) isFlushing = true
      else writeNow(fd, take())
    },
  }
}

function writeNow(fd: number, octets: Buffer): void {
  try {
    for (let start = 0; start < octets.length; ) start += writeSync(fd, octets, start)
  } catch {
    // The disk is full or the reader is gone: there is nobody left to tell.
  }
}

function isRegularFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile()
  } catch {
    return false
  }
}

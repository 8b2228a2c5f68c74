import { close, closeSync, write, writeSync } from 'node:fs'
import { isRegularFile, isSameFile } from './log-descriptor.ts'
import type { LogDestination, LogDestinationOptions } from './log-destination.ts'
import { LogPace } from './log-pace.ts'
import { blockOctetsFor, LogQueue, linesIn, newline } from './log-queue.ts'

/** How long a line waits for others to be written with; also how long a destination that failed is left alone. */
const gatherMs = 250
/** What one write to a file takes. */
const maxFileOctets = 1024 * 1024

type Options = Required<Omit<LogDestinationOptions, 'open'>> & { readonly open: (() => number) | undefined }

/** The one log destination there is. */
export class LogWriter implements LogDestination {
  readonly #options: Options
  readonly #queue: LogQueue
  readonly #pace = new LogPace()
  #fd: number
  #isFile: boolean
  /** Where writes go once nothing is on its way to the one before. */
  #nextFd: number | undefined
  /** Octets that are on their way; 0: none. */
  #onTheirWay = 0
  /** Whether the last octet that was written is in the midst of a line. */
  #isCut = false
  #timer: NodeJS.Timeout | undefined
  #isResting = false
  #isFlushing = false
  #lost = 0
  #told = 0
  /** While the end waits. */
  #idled: Promise<void> | undefined
  #onIdle: (() => void) | undefined

  constructor(fd: number, options: Options) {
    this.#options = options
    this.#fd = fd
    this.#isFile = isRegularFile(fd)
    this.#queue = new LogQueue(blockOctetsFor(this.#isFile, options.maxOctets))
  }

  write(line: string): void {
    if (this.#onTheirWay + this.#queue.length + line.length > this.#options.maxOctets) {
      this.#lost++
      return
    }
    this.#queue.add(line)
    if (this.#queue.hasBlock) this.#writeSome()
    else this.#writeLater()
  }

  lost(): number {
    return this.#lost
  }

  flush(): void {
    this.#endRest()
    this.#isFlushing = this.#onTheirWay > 0 || !this.#isFile
    if (this.#isFile) this.#writeNow()
    else this.#writeSome()
  }

  async drain(): Promise<void> {
    this.flush()
    if (this.#onTheirWay > 0) await this.#idle()
  }

  reopen(): void {
    const { open, onNotReopened } = this.#options
    if (!open) return
    try {
      const next = open()
      if (this.#nextFd !== undefined) closeSync(this.#nextFd)
      this.#nextFd = next
    } catch (error) {
      onNotReopened(error)
    }
    if (this.#onTheirWay === 0) this.#moveOn()
  }

  #moveOn(): void {
    if (this.#nextFd === undefined) return
    this.#isCut &&= isSameFile(this.#fd, this.#nextFd)
    close(this.#fd, () => {})
    this.#fd = this.#nextFd
    this.#nextFd = undefined
    this.#isFile = isRegularFile(this.#fd)
    this.#queue.blockOctets = blockOctetsFor(this.#isFile, this.#options.maxOctets)
  }

  #writeLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#endRest()
      this.#writeSome()
    }, gatherMs).unref()
  }

  #endRest(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isResting = false
  }

  #writeSome(): void {
    if (this.#onTheirWay > 0 || this.#isResting || this.#queue.length === 0) return
    this.#endRest()
    const batch = this.#nextBatch(this.#isFile ? maxFileOctets : this.#pace.octets)
    this.#onTheirWay = batch.length
    this.#writeAll(batch)
  }

  /** What comes after half a line must not be read as its other half. */
  #nextBatch(maxOctets: number): Buffer {
    const batch = this.#queue.take(maxOctets)
    return this.#isCut ? Buffer.concat([Buffer.of(newline), batch]) : batch
  }

  #writeAll(octets: Buffer): void {
    write(this.#fd, octets, (error, written) => {
      if (error?.code === 'EAGAIN') return this.#tryAgain(octets)
      if (error) return this.#afterWrite(octets)
      const rest = this.#noteWritten(octets, written)
      if (rest.length === 0) return this.#afterWrite(rest)
      this.#pace.noteTaken()
      this.#writeAll(rest)
    })
  }

  /** The pipe is full. The process need not stay alive for it. */
  #tryAgain(octets: Buffer): void {
    setTimeout(() => this.#writeAll(octets), this.#pace.noteFull()).unref()
  }

  /** @returns what was not written */
  #noteWritten(octets: Buffer, written: number): Buffer {
    if (written > 0) this.#isCut = octets[written - 1] !== newline
    return octets.subarray(written)
  }

  /** @param unwritten is lost: the disk is full, or the reader is gone */
  #afterWrite(unwritten: Buffer): void {
    this.#onTheirWay = 0
    this.#pace.noteDone()
    this.#moveOn()
    if (unwritten.length > 0) this.#lose(unwritten)
    else this.#tellLost()
    if (this.#queue.hasBlock || this.#isFlushing) this.#writeSome()
    if (this.#queue.length > 0) this.#writeLater()
    else if (this.#onTheirWay === 0) this.#becomeIdle()
  }

  #becomeIdle(): void {
    this.#isFlushing = false
    this.#onIdle?.()
  }

  /** To try at once again and again what fails would cost the requests more than it is worth. */
  #lose(unwritten: Buffer): void {
    this.#lost += linesIn(unwritten)
    if (this.#isFlushing) return
    this.#isResting = true
    this.#writeLater()
  }

  /** Once for a time of losses, not for each line that then finds room. */
  #tellLost(): void {
    if (this.#lost === this.#told || this.#queue.length > this.#options.maxOctets / 2) return
    const lines = this.#lost - this.#told
    this.#told = this.#lost
    this.#options.onRegained(lines)
  }

  /** Only a write to a file is sure not to wait for a reader. */
  #writeNow(): void {
    while (this.#queue.length > 0) {
      let rest = this.#nextBatch(maxFileOctets)
      try {
        while (rest.length > 0) rest = this.#noteWritten(rest, writeSync(this.#fd, rest))
      } catch {
        this.#lost += linesIn(rest)
        return
      }
      this.#tellLost()
    }
  }

  #idle(): Promise<void> {
    this.#idled ??= new Promise(resolve => {
      const end = (): void => {
        clearTimeout(timer)
        this.#onIdle = undefined
        this.#idled = undefined
        resolve()
      }
      const timer = setTimeout(end, this.#options.drainMs)
      this.#onIdle = end
    })
    return this.#idled
  }
}

import { pipeBlockOctets } from './log-queue.ts'

/** What a pipe holds, usually. */
const maxOctets = 65_536
/** How long a full pipe is left alone: at first, and at last. */
const [firstRetryMs, lastRetryMs] = [1, 100]

/**
 * How much a pipe is given at a time, and when again once it is full. As much as it holds while the reader keeps up; a
 * block at a time while it lags: what goes in whole or not at all cannot be cut by another process that writes there.
 */
export class LogPace {
  #octets = pipeBlockOctets
  #isFull = false
  #retryMs = firstRetryMs

  /** How much the next write may take. */
  get octets(): number {
    return this.#octets
  }

  /** The pipe took nothing. @returns after how many milliseconds to try again */
  noteFull(): number {
    const retryMs = this.#retryMs
    this.#isFull = true
    this.#retryMs = Math.min(retryMs * 2, lastRetryMs)
    return retryMs
  }

  /** The pipe took some of what it was given. */
  noteTaken(): void {
    this.#isFull = true
    this.#retryMs = firstRetryMs
  }

  /** A write is over. */
  noteDone(): void {
    this.#octets = this.#isFull ? pipeBlockOctets : Math.min(this.#octets * 2, maxOctets)
    this.#isFull = false
    this.#retryMs = firstRetryMs
  }
}

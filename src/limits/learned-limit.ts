/** A 429 says that what was in use was too much: this much of it is gone on with. */
const keptPercent = 90
/** The learned limit never falls below this much of the allowance, or one 429 after a quiet hour would stop everything. */
const leastPercent = 10
/** What is tried again after each window without a 429. */
const regainedPercent = 10

/**
 * What the upstream really allows, where that is less than what we were told: others may use the same address. Lowered
 * by a 429, raised again step by step.
 */
export class LearnedLimit {
  readonly #windowMs: number
  #requests = Number.POSITIVE_INFINITY
  #raisedAt = 0

  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  /** What may be in use at a time: the allowance, or less. */
  of(allowance: number, nowMs: number): number {
    if (this.#requests === Number.POSITIVE_INFINITY) return allowance
    const windows = Math.floor((nowMs - this.#raisedAt) / this.#windowMs)
    if (windows > 0) {
      this.#requests += windows * Math.max(1, Math.floor((allowance * regainedPercent) / 100))
      this.#raisedAt += windows * this.#windowMs
    }
    if (this.#requests < allowance) return this.#requests
    this.#requests = Number.POSITIVE_INFINITY
    return allowance
  }

  /** @param used places that were in use when the upstream refused */
  lower(allowance: number, used: number, nowMs: number): void {
    const limit = Math.min(this.of(allowance, nowMs), used)
    const least = Math.ceil((allowance * leastPercent) / 100)
    this.#requests = Math.max(least, Math.floor((limit * keptPercent) / 100))
    this.#raisedAt = nowMs
  }
}

import { BoundedMap } from './bounded-map.ts'

/** How many requests pass in a window that slides. */
export interface RateLimit {
  readonly requests: number
  readonly windowSec: number
}

const maxAddresses = 1000

/** A sliding window of request times per client address. */
export class RateLimiter {
  readonly #limit: RateLimit | null
  readonly #now: () => number
  readonly #times = new BoundedMap<string, number[]>(maxAddresses)

  constructor(limit: RateLimit | null, now: () => number) {
    this.#limit = limit
    this.#now = now
  }

  /**
   * Counts a request. One that is refused is not counted, as in Django REST's throttles.
   *
   * @returns null when it may pass, or whole seconds (at least 1) until one may
   */
  refuse(address: string): number | null {
    if (this.#limit === null) return null
    const { requests, windowSec } = this.#limit
    const now = this.#now()
    const times = this.#times.get(address) ?? []
    const firstInside = times.findIndex(time => time > now - windowSec)
    times.splice(0, firstInside === -1 ? times.length : firstInside)
    const oldest = times[0]
    if (times.length >= requests) return Math.max(1, Math.ceil((oldest ?? now) + windowSec - now))
    times.push(now)
    this.#times.set(address, times)
    return null
  }

  clear(): void {
    this.#times.clear()
  }
}

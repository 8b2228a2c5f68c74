import { ExpiryRing } from './expiry-ring.ts'
import { LearnedLimit } from './learned-limit.ts'
import type { Use } from './session-uses.ts'
import { ceilingsOf, type Tier } from './tiers.ts'

export interface WindowOptions {
  /** How long a request counts after it has surely arrived, in milliseconds. */
  readonly windowMs: number
  /** How long after we gave a request up it may still arrive, in milliseconds. */
  readonly lateArrivalMs: number
}

/** What this process may send from an address, where it shares the upstream's limit with others. */
export interface Share {
  /** Requests of this process that may be counted upstream at a time. */
  readonly requests: number
  /** What the upstream takes in a window, from all together. */
  readonly limit: number
  /** Requests of the others that may still be counted. */
  readonly usedByOthers: number
}

/** How soon a part may be made larger by whoever parts the limit, in milliseconds. */
const regrantMs = 1000
/** How long an address stays closed after a 429 that does not say, in milliseconds. */
const closedByDefaultMs = 10_000
/** Requests that were under way together are refused together: that is one lesson, not many. */
const lessonMs = 10_000

/**
 * The requests of one egress address that the upstream may still count.
 *
 * It counts a request when it arrives: some time after we sent it, and before we saw its answer. Two that we send a
 * window apart may arrive closer together than that. So a request is held while it is under way, and for a whole window
 * after its answer; then it has left the upstream's window, however long it took to arrive.
 */
export class EgressWindow {
  readonly address: string
  readonly #options: WindowOptions
  readonly #learned: LearnedLimit
  readonly #answered = new ExpiryRing<Use | undefined>()
  readonly #givenUp = new ExpiryRing<Use | undefined>()
  readonly #onFree: (use: Use | undefined) => void
  #underWay = 0
  #share: Share
  #limit: number
  #ceilings: readonly number[]
  #closedUntil = Number.NEGATIVE_INFINITY
  #learnedAt = Number.NEGATIVE_INFINITY

  constructor(address: string, allowance: number, options: WindowOptions, onFree: (use: Use | undefined) => void) {
    this.address = address
    this.#options = options
    this.#learned = new LearnedLimit(options.windowMs)
    this.#onFree = onFree
    this.#share = { requests: allowance, limit: allowance, usedByOthers: 0 }
    this.#limit = allowance
    this.#ceilings = ceilingsOf(allowance)
  }

  /** Requests of this process that may be counted upstream at a time. */
  get allowance(): number {
    return this.#share.requests
  }

  /** What the upstream takes from all together, or less where it has said so. */
  get limit(): number {
    return this.#limit
  }

  get used(): number {
    return this.#underWay + this.#givenUp.length + this.#answered.length
  }

  /** Places that are left for the first tier. */
  remaining(nowMs: number): number {
    return nowMs < this.#closedUntil ? 0 : Math.max(0, this.#bound(0) - this.used)
  }

  /** Lets go what the upstream has forgotten. Comes before everything else at a moment: the order of the queues rests on it. */
  sweep(nowMs: number): void {
    const { windowMs } = this.#options
    for (let at = this.#givenUp.timeAt(0); at <= nowMs; at = this.#givenUp.timeAt(0))
      this.#answered.push(at + windowMs, this.#givenUp.shift())
    while (this.#answered.timeAt(0) <= nowMs) this.#onFree(this.#answered.shift())
    this.#setLimit(this.#learned.of(this.#share.limit, nowMs))
  }

  hasRoom(tier: Tier, nowMs: number): boolean {
    return this.used < this.#bound(tier) && nowMs >= this.#closedUntil
  }

  /** Takes a place for a request that is about to be sent. */
  take(): void {
    this.#underWay++
  }

  /** The upstream has answered: the request has arrived. */
  answered(use: Use | undefined, nowMs: number): void {
    this.#underWay--
    this.#answered.push(nowMs + this.#options.windowMs, use)
  }

  /** Given up without an answer: what was sent may still be on its way. */
  givenUp(use: Use | undefined, nowMs: number): void {
    this.#underWay--
    this.#givenUp.push(nowMs + this.#options.lateArrivalMs, use)
  }

  /** Nothing was sent. */
  unsent(use: Use | undefined): void {
    this.#underWay--
    this.#onFree(use)
  }

  setShare(share: Share, nowMs: number): void {
    this.#share = share
    this.#setLimit(this.#learned.of(share.limit, nowMs))
  }

  /** The upstream has refused a request for being one too many. */
  close(forMs: number | undefined, nowMs: number): void {
    // A window without requests leaves nothing to be refused for, whatever the answer says.
    const until = nowMs + Math.min(forMs ?? closedByDefaultMs, this.#options.windowMs)
    if (nowMs >= this.#closedUntil && nowMs - this.#learnedAt >= lessonMs) {
      this.#learnedAt = nowMs
      this.#learned.lower(this.#share.limit, this.used + this.#share.usedByOthers, nowMs)
      this.#setLimit(this.#learned.of(this.#share.limit, nowMs))
    }
    this.#closedUntil = Math.max(this.#closedUntil, until)
  }

  /**
   * When a tier gets its `nth` place from now on (1: the next), if nobody else takes one. Requests that are under way
   * cannot leave the window sooner than a window from now: later than that, it is a guess.
   */
  placeAt(tier: Tier, nth: number, nowMs: number): number {
    const mustGo = this.used + nth - this.#bound(tier)
    const free = mustGo <= 0 ? nowMs : Math.min(this.#answered.timeAt(mustGo - 1), nowMs + this.#options.windowMs)
    const mayGrow = this.used + nth <= this.#boundOfAll(tier)
    return Math.max(mayGrow ? Math.min(free, nowMs + regrantMs) : free, this.#closedUntil)
  }

  /** The next moment at which a place may come free by itself. */
  nextChangeAfter(nowMs: number): number {
    const opening = this.#closedUntil > nowMs ? this.#closedUntil : Number.POSITIVE_INFINITY
    return Math.min(this.#answered.timeAt(0), this.#givenUp.timeAt(0), opening)
  }

  /** How many places this process may have in use for a tier still to get one. */
  #bound(tier: Tier): number {
    return Math.min(this.#share.requests, this.#boundOfAll(tier))
  }

  /** The same, if its part were all that the others leave. */
  #boundOfAll(tier: Tier): number {
    return (this.#ceilings[tier] as number) - this.#share.usedByOthers
  }

  #setLimit(requests: number): void {
    if (requests === this.#limit) return
    this.#limit = requests
    this.#ceilings = ceilingsOf(requests)
  }
}

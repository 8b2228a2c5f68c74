import { allTiers, type Tier } from './tiers.ts'

/** A request that waits for a place in the budget. */
export interface Waiting {
  readonly session: string
  readonly tier: Tier
}

/** Asks for the number of places that a session has in use in a tier. */
export type CountUses = (session: string, tier: Tier) => number

/** Most requests of one session that wait in one tier: an app that sends them all at once fills no queue. */
const maxOfSession = 8

/**
 * Who waits for a place. Within a tier the session with the fewest places in use comes first, and among equals who came
 * first: so sessions take turns, and one that has had much waits for those that had little.
 *
 * The order is looked for when a place comes free, which is seldom, and the line is short: nobody is let in who is not
 * expected to get a place in time.
 */
export class WaitingLine<T extends Waiting> {
  readonly #maxPerTier: number
  readonly #countUses: CountUses
  readonly #inOrder = new Set<T>()
  readonly #tiers = allTiers.map(() => new Set<T>())

  constructor(maxPerTier: number, countUses: CountUses) {
    this.#maxPerTier = maxPerTier
    this.#countUses = countUses
  }

  get size(): number {
    return this.#inOrder.size
  }

  /** Who has waited longest. */
  get oldest(): T | undefined {
    const [oldest] = this.#inOrder
    return oldest
  }

  /** @returns false when the line is full, for all or for this session */
  add(waiting: T): boolean {
    const line = this.#of(waiting.tier)
    if (line.size >= this.#maxPerTier) return false
    if (waiting.session !== '' && this.#countOf(waiting.session, line) >= maxOfSession) return false
    line.add(waiting)
    this.#inOrder.add(waiting)
    return true
  }

  delete(waiting: T): boolean {
    this.#inOrder.delete(waiting)
    return this.#of(waiting.tier).delete(waiting)
  }

  /** How many would be served before a request that came now. */
  ahead({ session, tier }: Waiting): number {
    let ahead = 0
    for (const before of allTiers) if (before < tier) ahead += this.#of(before).size
    const own = this.#countUses(session, tier)
    for (const other of this.#of(tier)) if (this.#countUses(other.session, tier) <= own) ahead++
    return ahead
  }

  /** Whose turn is next in a tier. */
  next(tier: Tier): T | undefined {
    let next: T | undefined
    let fewest = Number.POSITIVE_INFINITY
    for (const waiting of this.#of(tier)) {
      const count = this.#countUses(waiting.session, tier)
      if (count >= fewest) continue
      next = waiting
      fewest = count
    }
    return next
  }

  #countOf(session: string, line: ReadonlySet<T>): number {
    let count = 0
    for (const waiting of line) if (waiting.session === session) count++
    return count
  }

  #of(tier: Tier): Set<T> {
    return this.#tiers[tier] as Set<T>
  }
}

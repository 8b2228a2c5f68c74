import { allTiers, type Tier } from './tiers.ts'

/** How many places of the budget one session has in use in one tier. */
export interface Use {
  readonly session: string
  readonly tier: Tier
  count: number
}

/**
 * Who uses the budget. Exact, and bounded by the budget itself: a session is forgotten with its last place. What is
 * asked for in nobody's name (the empty one) is not counted.
 */
export class SessionUses {
  readonly #uses = allTiers.map(() => new Map<string, Use>())
  /** Places that each session has in use in all tiers. */
  readonly #totals = new Map<string, number>()

  /** Whether nobody else has a place in use: then nobody goes short. */
  isAlone(session: string): boolean {
    return this.#totals.size === 0 || (this.#totals.size === 1 && this.#totals.has(session))
  }

  count(session: string, tier: Tier): number {
    return this.#of(tier).get(session)?.count ?? 0
  }

  take(session: string, tier: Tier): Use | undefined {
    if (session === '') return undefined
    this.#totals.set(session, (this.#totals.get(session) ?? 0) + 1)
    const uses = this.#of(tier)
    const use = uses.get(session)
    if (use === undefined) {
      const first = { session, tier, count: 1 }
      uses.set(session, first)
      return first
    }
    use.count++
    return use
  }

  giveBack(use: Use | undefined): void {
    if (use === undefined) return
    use.count--
    const total = (this.#totals.get(use.session) ?? 0) - 1
    if (total > 0) this.#totals.set(use.session, total)
    else this.#totals.delete(use.session)
    if (use.count === 0) this.#of(use.tier).delete(use.session)
  }

  #of(tier: Tier): Map<string, Use> {
    return this.#uses[tier] as Map<string, Use>
  }
}

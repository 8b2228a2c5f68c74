import type { BudgetClass } from './budget-class.ts'

/**
 * The order in which the classes are served, and how far each may go: a tier gets a place only while less than its
 * percentage of the budget is in use, by whomever. What is above it is kept for the tiers before it. The figures come
 * from simulation: `docs/capacity.md`.
 */
export const tiers = [
  { name: 'payments', percent: 100 },
  { name: 'preparation', percent: 90 },
  { name: 'reads', percent: 85 },
  { name: 'polling', percent: 50 },
  { name: 'excess', percent: 20 },
] as const

/** Index into `tiers`: the lower, the earlier. */
export type Tier = 0 | 1 | 2 | 3 | 4

export const allTiers: readonly Tier[] = [0, 1, 2, 3, 4]

/** Issuing and tokenisation stand side by side: one begins a checkout, the other is in the middle of it. */
export const tierOfClass: Readonly<Record<BudgetClass, Tier>> = {
  payments: 0,
  issuing: 1,
  tokenisation: 1,
  reads: 2,
  polling: 3,
}

/** Where everything goes that a session asks for beyond its share: an app that loops, whatever it loops over. */
export const excessTier: Tier = 4

const sharePercent = 3
const smallestShare = 20

/** How many places one session may have in use in one tier, of a budget of so many, before it has more than its share. */
export function sessionShare(requests: number): number {
  return Math.max(smallestShare, Math.floor((requests * sharePercent) / 100))
}

/** How many places may be in use for each tier still to get one. Where there is a place at all, each tier can get one. */
export function ceilingsOf(requests: number): readonly number[] {
  return tiers.map(({ percent }) => Math.max(Math.min(1, requests), Math.floor((requests * percent) / 100)))
}

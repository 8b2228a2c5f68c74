import type { Observe } from './request-story.ts'

/** Figures since the start, for `/status`. */
export interface Counters {
  readonly requests: number
  readonly allowed: number
  readonly denied: number
  readonly authenticationTokensBlocked: number
  /** Requests whose answer was a fault of the upstream or of the gateway. */
  readonly faults: number
}

export const noCounters: Counters = { requests: 0, allowed: 0, denied: 0, authenticationTokensBlocked: 0, faults: 0 }

/** The counters of several processes as one. */
export function sumCounters(all: readonly Counters[]): Counters {
  const sum: { -readonly [Name in keyof Counters]: number } = { ...noCounters }
  for (const counters of all) for (const name of Object.keys(sum) as (keyof Counters)[]) sum[name] += counters[name]
  return sum
}

/** Counts requests by what became of them. */
export function createCounters(): { readonly observe: Observe; readonly snapshot: () => Counters } {
  const counters: { -readonly [Name in keyof Counters]: number } = { ...noCounters }
  return {
    observe({ decision, reason }) {
      counters.requests++
      if (reason?.startsWith('upstream_') || reason === 'internal_fault') counters.faults++
      else if (reason !== undefined || decision === undefined) counters.denied++
      else counters.allowed++
      if (reason === 'authentication_token') counters.authenticationTokensBlocked++
    },
    snapshot: () => ({ ...counters }),
  }
}

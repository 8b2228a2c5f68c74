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

/** Counts requests by what became of them. */
export function createCounters(): { readonly observe: Observe; readonly snapshot: () => Counters } {
  const counters = { requests: 0, allowed: 0, denied: 0, authenticationTokensBlocked: 0, faults: 0 }
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

import type { ForageFault, ForageFaultKind } from '../forage/forage-fault.ts'

/** How long until the next attempt, after so many failures in a row. */
export interface BackOff {
  /** @returns seconds */
  next(fault: ForageFault): number
  reset(): void
}

/**
 * Longest pauses, in seconds. Where nothing was sent an attempt costs nobody anything. One that was sent and not
 * answered may have left a live token behind, of which a client may have 1000. What was refused stays refused until a
 * person has changed something.
 */
const longestSec = { unsent: 30, unanswered: 120, refused: 300 }
const refusals: ReadonlySet<ForageFaultKind> = new Set(['credentials_refused', 'merchant_refused', 'token_limit'])

/**
 * Doubles from one second on, and takes between half of that and all of it at random, so that replicas which failed
 * together do not come back together. Never sooner than Forage asks for.
 *
 * @param random from 0 to 1
 */
export function createBackOff(random: () => number): BackOff {
  let failures = 0
  return {
    next(fault) {
      const doubled = Math.min(2 ** failures++, longestFor(fault))
      return Math.max(doubled * (0.5 + random() / 2), fault.retryAfterSec ?? 0)
    },
    reset() {
      failures = 0
    },
  }
}

function longestFor({ fault, mayHaveTakenEffect }: ForageFault): number {
  if (refusals.has(fault)) return longestSec.refused
  return mayHaveTakenEffect ? longestSec.unanswered : longestSec.unsent
}

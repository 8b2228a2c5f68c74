import { addressKey } from '../limits/address-key.ts'
import { createRateLimit, type Rate } from '../limits/rate-limit.ts'
import { AdminRefusal } from './admin-call.ts'

export interface AdminRateOptions {
  /** Calls that need the token, of one address. Default 6000 in 60 seconds: a backend registers each token by itself. */
  readonly calls?: Rate
  /** Wrong tokens of one address. Default 10 in 60 seconds. */
  readonly failures?: Rate
  /** A monotonic clock, in milliseconds. Default: the system's. */
  readonly now?: () => number
}

/** How often one address may use, or guess, the admin token. */
export interface AdminRate {
  /**
   * Counts a call that needs the token.
   *
   * @throws AdminRefusal 429 when there were too many
   */
  admit(address: string): void
  /**
   * Counts a wrong token. The right one is let in all the same: processes on one machine share an address, and a program
   * that keeps trying an old token must not keep anybody from revoking. A token of 16 octets is not guessed either way.
   *
   * @throws AdminRefusal 429 when there were too many
   */
  noteFailure(address: string): void
}

/** Callers of the admin listener are few, and a table is made in its full size at once: at the start of each process. */
const maxKeys = 5_000

export function createAdminRate(options: AdminRateOptions = {}): AdminRate {
  const { now = () => performance.now() } = options
  const { calls = { requests: 6000, windowSec: 60 }, failures = { requests: 10, windowSec: 60 } } = options
  const ofCalls = createRateLimit({ ...calls, maxKeys, now })
  const ofFailures = createRateLimit({ ...failures, maxKeys, now })
  return {
    admit(address) {
      refuse(ofCalls.admit(addressKey(address)), 'calls')
    },
    noteFailure(address) {
      refuse(ofFailures.admit(addressKey(address)), 'wrong tokens')
    },
  }
}

/** @throws AdminRefusal unless there is nothing to wait for */
function refuse(waitSec: number, what: string): void {
  if (waitSec === 0) return
  throw new AdminRefusal(429, 'too_many_requests', `Too many ${what}: try again in ${waitSec} seconds.`, waitSec)
}

import type { LeaseReport } from '../limits/budget-leases.ts'
import type { RedisParts } from './redis-parts.ts'
import type { SharedBudget } from './shared-state.ts'
import { UnreadableReply } from './state-away.ts'

/** A slice as it was last granted. */
interface Held {
  readonly requests: number
  /** On this process's clock. */
  readonly at: number
}

/**
 * Parts N requests in any window among replicas. Each may have up to its slice of requests counted upstream at a time,
 * and reports how many it has (`used`). The state holds a charge for each, such that at any time
 *
 *     what replica r has counted upstream <= charge(r),  and  the sum of all charges <= N
 *
 * When r renews, it tells `used` and `held`, the slice it works with, and gets the charge `max(slice, used, held)`.
 *
 * - The first holds: until its next renewal r starts requests under `held` or under the new slice, whether or not the
 *   answer reaches it, and what it has used beyond a smaller slice only becomes less. So a slice that shrinks is free for
 *   others one renewal later, when `held` proves that the smaller one has taken effect.
 * - The second holds: `slice <= N - the charges of the others`, and `held` and `used` are at most r's charge of before,
 *   by the first. Scripts run one after the other, so no two replicas are granted the same.
 * - A replica that is silent may be dead or cut off. Its charge stays until a window after its last word: if dead, for
 *   what it had sent; if cut off, for what it goes on with, which is at most what it held (`shareAlone`).
 * - All times here are the server's own; only their differences count. A standby whose clock is ahead forgets silent
 *   replicas early by as much, which is why `budgetWindowMs` is longer than the window.
 *
 * Slices are kept small, so that little is lost with a dead replica: what is used and waited for, and on top a quarter of
 * what nobody holds, or a twentieth of an equal part. One that is above its equal part leaves what others below theirs
 * wait for.
 *
 * What it cannot hold: a replica that is cut off for longer than a window takes its equal part again, which the others
 * no longer set aside; and charges that the server has lost are unknown until their holders have renewed. Until then
 * those that saw the loss do not grow.
 */
export function createRedisBudget({ keys, replica, keeper, pulse, settings }: RedisParts): SharedBudget {
  const { leaseMs, budgetWindowMs, monotonic } = settings
  const slices = new Map<string, Held>()

  /** The most that this replica may be working with: without a lease for long enough, it took its equal part. */
  function heldOf(egress: string, requests: number): number {
    const held = slices.get(egress)
    if (held === undefined) return 0
    const hasLapsed = monotonic() - held.at > leaseMs
    return hasLapsed ? Math.max(held.requests, Math.floor(requests / pulse.replicas)) : held.requests
  }

  async function ask({ egress, requests, used, waiting }: LeaseReport): Promise<readonly number[]> {
    const mayGrow = pulse.isRestoring ? 0 : 1
    const held = heldOf(egress, requests)
    const report = [replica, requests, used, waiting, held, mayGrow, pulse.replicas, leaseMs, budgetWindowMs]
    return keeper.use(async link => {
      const reply = await link.run('renew', [keys.budget(egress)], report)
      const granted = reply[0] ?? -1
      // What is not within the budget is no answer: it would be spent.
      if (!(granted >= 0 && granted <= requests)) throw new UnreadableReply()
      return reply
    })
  }

  return {
    async renew(report) {
      const at = monotonic()
      try {
        const [requests = 0, holders = 1, usedByOthers = 0] = await ask(report)
        slices.set(report.egress, { requests, at })
        return { requests, usedByOthers, replicas: Math.max(holders, pulse.replicas), expiresInMs: leaseMs }
      } catch (error) {
        // Alone from now on: what it then takes is told as held, however soon the next renewal is.
        const held = slices.get(report.egress)?.requests ?? 0
        slices.set(report.egress, { requests: held, at: Number.NEGATIVE_INFINITY })
        throw error
      }
    },
    async leave(egress, used) {
      slices.delete(egress)
      await keeper.use(link => link.run('leave', [keys.budget(egress)], [replica, used, budgetWindowMs]))
    },
  }
}

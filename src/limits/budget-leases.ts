/**
 * How replicas behind the same egress addresses share the upstream's limit N of each.
 *
 * Each replica holds a slice: so many of the N, its `allowance`. It counts its own requests against it, as if there
 * were no others, and no request waits for the shared state. Whoever keeps the slices sees to it that per address
 *
 *     sum over the replicas of max(slice, used)  <=  N
 *
 * where `used` is what the replica last reported as still counted upstream (`remaining()` of the budget). That is the
 * invariant from which "never more than N in a window" follows: a slice that shrinks below what was used of it is free
 * for others only as the requests leave the window, which the next reports show.
 *
 * 1. A replica renews each lease about every second: it reports `used`, and sets the slice it is granted with
 *    `setAllowance(egress, slice, { requests: N, usedByOthers })`. What is kept for payments is reckoned on the whole, so
 *    that slices may be small; and a request that finds the slice used up, but not the whole, waits for the next grant.
 * 2. Who has waiting requests or little left is granted more, out of what others report as unused.
 * 3. A lease that is not renewed for `expiresInMs` lapses. Its holder falls back by itself (below); what it may then
 *    still use stays set aside for it, `max(N / replicas, used)`, until a window after it was last heard of.
 * 4. While the shared state is away, each replica goes on alone with `shareAlone`: at most an equal part of N among the
 *    replicas that were last known, at first not more than it holds, since the others still count what they have sent.
 */
export interface BudgetLeases {
  /** @throws when the shared state is away: the caller goes on alone */
  renew(report: LeaseReport): Promise<LeaseGrant>
}

/** What a replica says of one address when it renews. */
export interface LeaseReport {
  readonly egress: string
  /** N: what the upstream takes from this address in a window. */
  readonly requests: number
  /** Requests of this replica that may still be counted upstream. */
  readonly used: number
  /** Requests that wait for a place in this replica. */
  readonly waiting: number
}

/** What it is granted. */
export interface LeaseGrant {
  /** Its slice, for `setAllowance`. */
  readonly requests: number
  /**
   * Requests of the other replicas that may still be counted upstream, for `setAllowance`: what is kept for payments is
   * a part of the whole, not of each slice. Default 0.
   */
  readonly usedByOthers?: number
  /** Replicas that hold a slice of this address, this one included. */
  readonly replicas: number
  /** When the lease lapses unless it is renewed, in milliseconds from the request on. */
  readonly expiresInMs: number
}

export interface Alone {
  /** N: what the upstream takes from this address in a window. */
  readonly requests: number
  /** Replicas that were last known, this one included; 1 when none ever were. */
  readonly replicas: number
  /** The slice that was last granted; 0 when none was. */
  readonly held: number
  /** How long ago the last renewal succeeded, in milliseconds. */
  readonly awayMs: number
  /**
   * The window with its margins, and the time in which a lease lapses: what was sent under the last grants of others is
   * forgotten upstream after it. In milliseconds.
   */
  readonly windowMs: number
}

/**
 * The allowance of a replica that cannot reach the shared state. Who held more than an equal part falls to it at once.
 * Who held less waits a window before it rises to it: until then the others' requests still count.
 */
export function shareAlone({ requests, replicas, held, awayMs, windowMs }: Alone): number {
  const equalPart = Math.floor(requests / Math.max(1, replicas))
  return awayMs >= windowMs ? equalPart : Math.min(held, equalPart)
}

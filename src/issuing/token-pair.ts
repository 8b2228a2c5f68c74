import type { HeldToken } from './held-token.ts'

/** How long after the end of its last session a replaced token is kept, in seconds: for clocks that differ. */
const retainSec = 60
/** How often an issue that is under way with a replaced token is looked after, in seconds. */
const inUsePauseSec = 5

/** The token that sessions are issued from, and the one it has replaced, until the last session from that is over. */
export class TokenPair {
  readonly #now: () => number
  #current: HeldToken | undefined
  #outgoing: HeldToken | undefined
  #renewAt = 0

  /** @param now seconds since the epoch */
  constructor(now: () => number) {
    this.#now = now
  }

  /** The token that sessions are issued from. */
  get usable(): HeldToken | undefined {
    return this.#current?.isLive(this.#now()) ? this.#current : undefined
  }

  /** Those of the two that are live. */
  get live(): readonly HeldToken[] {
    const now = this.#now()
    return [this.#current, this.#outgoing].filter(token => token?.isLive(now)) as HeldToken[]
  }

  /** Whether a session from a token may still be let in somewhere. */
  hasSessions(token: HeldToken): boolean {
    return token.inUse > 0 || token.sessionsEndAt + retainSec > this.#now()
  }

  /** When the token is to be replaced, in seconds since the epoch; 0 when there is none. */
  get renewAt(): number {
    return this.usable ? this.#renewAt : 0
  }

  /** Sessions are issued from this token from now on. @returns the one that it has replaced */
  adopt(token: HeldToken, renewAt: number): HeldToken | undefined {
    const replaced = this.usable
    this.#current = token
    this.#renewAt = renewAt
    if (replaced) this.#outgoing = replaced
    return replaced
  }

  /** When the replaced token may go; infinite: there is none. */
  get outgoingDueAt(): number {
    const now = this.#now()
    if (!this.#outgoing) return Number.POSITIVE_INFINITY
    if (!this.#outgoing.isLive(now)) return now
    return this.#outgoing.inUse > 0 ? now + inUsePauseSec : this.#outgoing.sessionsEndAt + retainSec
  }

  /** Lets the replaced token go once nothing hangs on it. @returns it, when it is to be revoked */
  dropOutgoing(): HeldToken | undefined {
    const now = this.#now()
    if (!this.#outgoing || this.outgoingDueAt > now) return undefined
    const dropped = this.#outgoing
    this.#outgoing = undefined
    return dropped.isLive(now) ? dropped : undefined
  }

  clear(): void {
    this.#current = undefined
    this.#outgoing = undefined
  }
}

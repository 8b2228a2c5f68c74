import { EgressWindow, type WindowOptions } from './egress-window.ts'
import type { Use } from './session-uses.ts'
import type { Tier } from './tiers.ts'

/** The budgets of all egress addresses, as one. */
export class EgressGroup {
  readonly windows: readonly EgressWindow[]

  /**
   * @param addresses none: the system chooses the address, and there is one budget
   * @param requests of each address
   */
  constructor(
    addresses: readonly string[],
    requests: number,
    options: WindowOptions,
    onFree: (use: Use | undefined) => void,
  ) {
    const names = addresses.length === 0 ? [''] : addresses
    this.windows = names.map(address => new EgressWindow(address, requests, options, onFree))
  }

  /** What the upstream takes from all addresses together. */
  get limit(): number {
    let limit = 0
    for (const window of this.windows) limit += window.limit
    return limit
  }

  /** @throws TypeError for an address that is not ours */
  of(address: string): EgressWindow {
    const found = this.windows.find(window => window.address === address)
    if (found === undefined) throw new TypeError(`no egress address of this budget: "${address}"`)
    return found
  }

  sweep(nowMs: number): void {
    for (const window of this.windows) window.sweep(nowMs)
  }

  /** The address with the most left, of those that have room for a tier. */
  roomiest(tier: Tier, nowMs: number): EgressWindow | undefined {
    let roomiest: EgressWindow | undefined
    let most = 0
    for (const window of this.windows) {
      const left = window.remaining(nowMs)
      if (left <= most || !window.hasRoom(tier, nowMs)) continue
      roomiest = window
      most = left
    }
    return roomiest
  }

  /** When a tier gets its `nth` place from now on, of whatever address. */
  placeAt(tier: Tier, nth: number, nowMs: number): number {
    const taken = this.windows.map(() => 0)
    let at = Number.POSITIVE_INFINITY
    for (let count = 0; count < nth; count++) {
      let first = 0
      at = Number.POSITIVE_INFINITY
      for (const [index, window] of this.windows.entries()) {
        const own = window.placeAt(tier, (taken[index] as number) + 1, nowMs)
        if (own >= at) continue
        at = own
        first = index
      }
      taken[first] = (taken[first] as number) + 1
    }
    return at
  }

  nextChangeAfter(nowMs: number): number {
    let next = Number.POSITIVE_INFINITY
    for (const window of this.windows) next = Math.min(next, window.nextChangeAfter(nowMs))
    return next
  }
}

import type { LedgerEntry } from '../session/ledger.ts'
import { withDeadline } from './deadline.ts'
import type { RedisLedger } from './redis-ledger.ts'
import type { RedisLink } from './redis-link.ts'
import type { RedisParts } from './redis-parts.ts'
import type { RedisRevocations } from './redis-revocations.ts'
import { DataLost } from './state-away.ts'

export interface RedisUpkeepOptions {
  readonly ledger: RedisLedger
  readonly revocations: RedisRevocations
  readonly ledgerEntries: () => Iterable<LedgerEntry>
  /** Longest time that a beat is waited for, in milliseconds. */
  readonly commandTimeoutMs: number
}

/** What keeps this replica and the state in agreement. */
export interface RedisUpkeep {
  /** Brings both sides up to date on a new connection. */
  prepare(link: RedisLink): Promise<void>
  /** Tells that this replica lives, and takes up what is new. */
  beat(link: RedisLink): Promise<void>
}

export function createRedisUpkeep({ pulse }: RedisParts, options: RedisUpkeepOptions): RedisUpkeep {
  const { ledger, revocations, ledgerEntries, commandTimeoutMs } = options
  // Outlives a connection: a restoration that was cut off begins anew on the next one.
  let mustRestore = false

  return {
    async prepare(link) {
      const { hasLost } = await pulse.beat(link)
      mustRestore ||= hasLost
      // Before the comparison, so that nothing comes between the two.
      await link.listen()
      // First of all: what the state cannot tell must not be taken for unknown, here or elsewhere.
      if (mustRestore) await pulse.doubt(link)
      await revocations.compare(link)
      await revocations.writeBack(link)
      if (mustRestore) await ledger.restore(link, ledgerEntries())
      await ledger.writeBack(link)
      mustRestore = false
    },
    async beat(link) {
      const { version, hasLost } = await withDeadline(pulse.beat(link), commandTimeoutMs)
      if (hasLost) {
        mustRestore = true
        throw new DataLost()
      }
      await revocations.catchUp(link, version)
      await revocations.writeBack(link)
      await ledger.writeBack(link)
    },
  }
}

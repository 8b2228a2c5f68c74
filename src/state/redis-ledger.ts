import type { LedgerEntry } from '../session/ledger.ts'
import { readLedgerRecord, requireDigest, writeLedgerRecord } from './ledger-record.ts'
import type { RedisLink } from './redis-link.ts'
import type { RedisParts } from './redis-parts.ts'
import type { SharedLedger } from './shared-state.ts'
import { stateAway } from './state-away.ts'

export interface RedisLedger extends SharedLedger {
  /** Writes entries to a state that has lost them. */
  restore(link: RedisLink, entries: Iterable<LedgerEntry>): Promise<void>
  /** Writes the entries that could not be written when they came. */
  writeBack(link: RedisLink): Promise<void>
}

/** Entries that are written at once. */
const batchSize = 100

/** Batches after which a long restoration is told again, long before the others take it to be over. */
const batchesPerDoubt = 50

export function createRedisLedger({ keys, writes, keeper, pulse, counters, seal, settings }: RedisParts): RedisLedger {
  const { maxUnsaved, now } = settings
  const unsaved = new Map<string, LedgerEntry>()

  async function write(link: RedisLink, entry: LedgerEntry): Promise<void> {
    const ttlMs = Math.ceil((entry.expiresAt - now()) * 1000)
    if (ttlMs <= 0) return
    const key = keys.ledger(entry.digest)
    const text = writeLedgerRecord(entry)
    const [count = 0] = await link.run('record', [key, writes], [seal ? seal.close(key, text) : text, ttlMs])
    pulse.acknowledge(count)
  }

  function keep(entry: LedgerEntry): void {
    unsaved.set(entry.digest, entry)
    const [oldest] = unsaved.size > maxUnsaved ? unsaved.keys() : []
    if (oldest !== undefined) unsaved.delete(oldest)
  }

  async function writeBatch(link: RedisLink, batch: readonly LedgerEntry[]): Promise<void> {
    await Promise.all(batch.map(entry => write(link, entry)))
    counters.writtenBack += batch.length
  }

  return {
    async record(entry) {
      requireDigest(entry.digest)
      try {
        await keeper.use(link => write(link, entry))
      } catch (error) {
        keep(entry)
        throw error
      }
    },
    async find(digest) {
      const key = keys.ledger(requireDigest(digest))
      const stored = await keeper.use(link => link.get(key))
      if (stored === null) {
        if (!pulse.isComplete) throw stateAway('RESTORING')
        return undefined
      }
      const text = seal ? seal.open(key, stored) : stored
      const entry = text === undefined ? undefined : readLedgerRecord(text, digest)
      if (!entry) {
        // Something is on record about the token, and it cannot be told what: neither real nor unknown.
        counters.unreadable++
        throw stateAway('UNREADABLE')
      }
      return entry.expiresAt > now() ? entry : undefined
    },
    async restore(link, entries) {
      let batch: LedgerEntry[] = []
      let batches = 0
      for (const entry of entries) {
        if (batch.push(entry) < batchSize) continue
        await writeBatch(link, batch)
        batch = []
        if (++batches % batchesPerDoubt === 0) await pulse.doubt(link)
      }
      await writeBatch(link, batch)
      if (batches > 0) await pulse.doubt(link)
    },
    async writeBack(link) {
      while (unsaved.size > 0) {
        const batch = [...unsaved.values()].slice(0, batchSize)
        await writeBatch(link, batch)
        for (const entry of batch) if (unsaved.get(entry.digest) === entry) unsaved.delete(entry.digest)
      }
    },
  }
}

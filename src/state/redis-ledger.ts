import type { LedgerEntry } from '../session/ledger.ts'
import { mergeEntries, saySame } from '../session/merge-entries.ts'
import {
  readLedgerChange,
  readLedgerRecord,
  requireDigest,
  writeLedgerChange,
  writeLedgerRecord,
} from './ledger-record.ts'
import type { RedisLink } from './redis-link.ts'
import type { RedisParts } from './redis-parts.ts'
import type { SharedLedger } from './shared-state.ts'
import { stateAway, UnreadableReply } from './state-away.ts'

export interface RedisLedger extends SharedLedger {
  /** Takes up what another replica tells. @returns whether that was of a record */
  hear(text: string): boolean
  /** Writes entries to a state that has lost them. */
  restore(link: RedisLink, entries: Iterable<LedgerEntry>): Promise<void>
  /** Writes the entries that could not be written when they came. */
  writeBack(link: RedisLink): Promise<void>
}

/** Entries that are written at once. */
const batchSize = 100

/** Batches after which a long restoration is told again, long before the others take it to be over. */
const batchesPerDoubt = 50

/** Replicas that change one record in the same moment get narrower with each try, so that more are never needed. */
const mostTries = 10

export function createRedisLedger({ keys, writes, keeper, pulse, counters, seal, settings }: RedisParts): RedisLedger {
  const { maxUnsaved, now } = settings
  const unsaved = new Map<string, LedgerEntry>()
  const listeners: ((entry: LedgerEntry) => void)[] = []

  /** @returns whether the text that lies there was what is to be replaced */
  async function replace(link: RedisLink, stored: string, entry: LedgerEntry): Promise<boolean> {
    const ttlMs = Math.ceil((entry.expiresAt - now()) * 1000)
    if (ttlMs <= 0) return true
    const key = keys.ledger(entry.digest)
    const text = writeLedgerRecord(entry)
    const change = [keys.channel, writeLedgerChange(entry.digest)]
    const [count = 0] = await link.run(
      'record',
      [key, writes],
      [seal ? seal.close(key, text) : text, ttlMs, stored, ...change],
    )
    pulse.acknowledge(count)
    return count > 0
  }

  function read(digest: string, stored: string): LedgerEntry | undefined {
    const key = keys.ledger(digest)
    const text = seal ? seal.open(key, stored) : stored
    return text === undefined ? undefined : readLedgerRecord(text, digest)
  }

  /**
   * Narrows what is there, in one step: whatever was written meanwhile is read, and the entry brought in anew. What cannot
   * be read is replaced, since whoever can spoil a record can delete it as well.
   */
  async function write(link: RedisLink, entry: LedgerEntry): Promise<LedgerEntry> {
    let merged = entry
    let stored = ''
    for (let tries = 0; tries < mostTries; tries++) {
      if (await replace(link, stored, merged)) return merged
      stored = (await link.get(keys.ledger(entry.digest))) ?? ''
      const known = stored === '' ? undefined : read(entry.digest, stored)
      merged = known ? mergeEntries(known, entry).entry : entry
      if (known && saySame(known, merged)) return known
    }
    throw new UnreadableReply()
  }

  async function bringIn(link: RedisLink, entry: LedgerEntry): Promise<LedgerEntry> {
    const merged = await write(link, entry)
    if (!saySame(merged, entry)) for (const listener of listeners) listener(merged)
    return merged
  }

  async function find(digest: string): Promise<LedgerEntry | undefined> {
    const key = keys.ledger(requireDigest(digest))
    const stored = await keeper.use(link => link.get(key))
    if (stored === null) {
      if (!pulse.isComplete) throw stateAway('RESTORING')
      return undefined
    }
    const entry = read(digest, stored)
    if (!entry) {
      // Something is on record about the token, and it cannot be told what: neither real nor unknown.
      counters.unreadable++
      throw stateAway('UNREADABLE')
    }
    return entry.expiresAt > now() ? entry : undefined
  }

  function keep(entry: LedgerEntry): void {
    unsaved.set(entry.digest, entry)
    const [oldest] = unsaved.size > maxUnsaved ? unsaved.keys() : []
    if (oldest !== undefined) unsaved.delete(oldest)
  }

  async function writeBatch(link: RedisLink, batch: readonly LedgerEntry[]): Promise<void> {
    await Promise.all(batch.map(entry => bringIn(link, entry)))
    counters.writtenBack += batch.length
  }

  return {
    async record(entry) {
      requireDigest(entry.digest)
      try {
        return await keeper.use(link => bringIn(link, entry))
      } catch (error) {
        keep(entry)
        throw error
      }
    },
    find,
    onMerged: listener => void listeners.push(listener),
    hear(text) {
      const digest = readLedgerChange(text)
      if (digest === undefined) return false
      // Also where it is not known here: somebody may be reading what was there before.
      const told = find(digest).then(entry => {
        if (entry) for (const listener of listeners) listener(entry)
      })
      told.catch(() => {})
      return true
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

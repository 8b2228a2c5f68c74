import type { Provenance } from './session.ts'
import { textDigest } from './token-identity.ts'

/** What is on record about a token that was issued through this gateway, or registered by the merchant's backend. */
export interface LedgerEntry {
  /** Digest of the exact token text. */
  readonly digest: string
  /** Seconds since the epoch: the first second in which the token is over. */
  readonly expiresAt: number
  readonly provenance: Provenance
}

/** The tokens that are known to be real. */
export interface Ledger {
  record(entry: LedgerEntry): void
  /** The entry of a token text that has not ended by `now`. */
  find(text: string, now: number): LedgerEntry | undefined
  /** The entry of a digest, also one that has ended. */
  findByDigest(digest: string): LedgerEntry | undefined
  /** All of them, oldest first, for a process that begins later. */
  entries(): Iterable<LedgerEntry>
  readonly size: number
  /** Entries that had to go before their end since the ledger was full. */
  readonly evictions: number
}

export interface LedgerOptions {
  /** Most tokens on record. Default 200,000: 15 minutes of 220 new sessions a second. */
  readonly maxEntries?: number
}

/**
 * The ledger of one process. When it is full the token that came first goes first: its life is short, and it is the one
 * nearest to its end.
 */
export function createLedger({ maxEntries = 200_000 }: LedgerOptions = {}): Ledger {
  const entries = new Map<string, LedgerEntry>()
  let evictions = 0

  /** Entries lie in the order in which they came, so the ones that are over are found at the front. */
  function makeRoom(now: number): void {
    for (const [digest, { expiresAt }] of entries) {
      const isOver = expiresAt <= now
      if (!isOver && entries.size <= maxEntries) return
      if (!isOver) evictions++
      entries.delete(digest)
    }
  }

  return {
    record(entry) {
      entries.delete(entry.digest)
      entries.set(entry.digest, entry)
      makeRoom(entry.provenance.recordedAt)
    },
    find(text, now) {
      const entry = entries.get(textDigest(text))
      return entry && entry.expiresAt > now ? entry : undefined
    },
    findByDigest: digest => entries.get(digest),
    entries: () => entries.values(),
    get size() {
      return entries.size
    },
    get evictions() {
      return evictions
    },
  }
}

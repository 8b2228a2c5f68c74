import type { LedgerEntry } from '../session/ledger.ts'
import { mergeEntries } from '../session/merge-entries.ts'
import { type BoundedUntil, createBoundedUntil } from './bounded-until.ts'
import { createKnownRevocations } from './known-revocations.ts'
import { readRevocation, writeRevocation } from './revocation-record.ts'
import type { SharedLimits, SharedRevocations, SharedSecrets, SharedState } from './shared-state.ts'

export interface MemoryStateOptions {
  /** Most entries of the ledger, of limits and of secrets; of each, the oldest go first. Default 200,000. */
  readonly maxEntries?: number
  /** Most revocations; above it `add` answers `full`. Default 110,000. */
  readonly maxRevocations?: number
  /** Current time in seconds since the epoch. Default: the system clock. */
  readonly now?: () => number
  /** Milliseconds of a clock that never jumps. Default: `performance.now()`. */
  readonly monotonic?: () => number
}

type Settled = Required<MemoryStateOptions>

/** The state of a gateway that is one process. Always there, and gone with the process. */
export function createMemoryState(options: MemoryStateOptions = {}): SharedState {
  const settled: Settled = {
    maxEntries: 200_000,
    maxRevocations: 110_000,
    now: () => Date.now() / 1000,
    monotonic: () => performance.now(),
    ...options,
  }
  const { maxEntries, now } = settled
  const ledger = createBoundedUntil<LedgerEntry>(maxEntries)
  return {
    health: { status: 'connected', since: now(), reason: '' },
    onHealthChange() {},
    counters: { timeouts: 0, failures: 0, reconnects: 0, unreadable: 0, writtenBack: 0 },
    ledger: {
      async record(coming) {
        const known = ledger.get(coming.digest, now())
        const entry = known ? mergeEntries(known, coming).entry : coming
        ledger.set(entry.digest, entry, entry.expiresAt)
        return entry
      },
      onMerged() {},
      find: async digest => ledger.get(digest, now()),
    },
    revocations: createMemoryRevocations(settled),
    budget: {
      // Nobody to part it with.
      renew: async ({ requests }) => ({ requests, usedByOthers: 0, replicas: 1, expiresInMs: Number.MAX_SAFE_INTEGER }),
      leave: async () => {},
    },
    limits: createMemoryLimits(settled),
    secrets: createMemorySecrets(createBoundedUntil(maxEntries), now),
    replicas: 1,
    close: async () => {},
  }
}

function createMemoryRevocations({ maxRevocations, now }: Settled): SharedRevocations {
  const known = createKnownRevocations(maxRevocations)
  return {
    async add(revocation, at) {
      const text = writeRevocation(revocation, at)
      const endsAt = readRevocation(text, at)?.endsAt ?? at
      return known.add(text, endsAt, now()) || known.has(text) ? 'revoked' : 'full'
    },
    known: () => known.list(now()).map(({ revocation, at }) => [revocation, at] as const),
    onAdded() {},
  }
}

function createMemoryLimits({ maxEntries, monotonic }: Settled): SharedLimits {
  const windows: BoundedUntil<{ count: number; readonly endsAt: number }> = createBoundedUntil(maxEntries)
  return {
    async consume(key, { requests, windowSec }) {
      const now = monotonic()
      const name = `${windowSec}:${key}`
      const known = windows.get(name, now)
      const window = known ?? { count: 0, endsAt: now + windowSec * 1000 }
      if (!known) windows.set(name, window, window.endsAt)
      window.count++
      return window.count > requests ? Math.max(1, Math.ceil((window.endsAt - now) / 1000)) : 0
    },
  }
}

function createMemorySecrets(secrets: BoundedUntil<string>, now: () => number): SharedSecrets {
  return {
    put: async (name, plaintext, ttlSec) => secrets.set(name, plaintext, now() + ttlSec),
    get: async name => secrets.get(name, now()),
  }
}

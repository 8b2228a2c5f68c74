import type { BudgetLeases } from '../limits/budget-leases.ts'
import type { LedgerEntry } from '../session/ledger.ts'
import type { Revocation, RevocationResult } from '../session/revocations.ts'

/**
 * What the replicas of a gateway share. Each call below answers within the command time-out, or rejects with
 * `ERR_FORAGE_STATE_AWAY`: then nothing is known, and nothing may be let in for it.
 */
export interface SharedState {
  readonly health: StateHealth
  /** @param listener told of each change, once; also of another reason why it stays away */
  onHealthChange(listener: (health: StateHealth) => void): void
  readonly counters: StateCounters
  readonly ledger: SharedLedger
  readonly revocations: SharedRevocations
  readonly budget: SharedBudget
  readonly limits: SharedLimits
  /** Absent where there is no key to encrypt them with. */
  readonly secrets?: SharedSecrets | undefined
  /** Processes that share the state, this one included: now, or when the state was last there. At least 1. */
  readonly replicas: number
  /** Says goodbye to the other replicas and closes every connection. Never waits for a state that does not answer. */
  close(): Promise<void>
}

export interface StateHealth {
  /** `away` from the first command that fails until a new connection has been brought up to date. */
  readonly status: 'connected' | 'away'
  /** Seconds since the epoch. */
  readonly since: number
  /** Why it is away, in one word such as `ETIMEDOUT`, `READONLY` or `STARTING`; empty while it is connected. */
  readonly reason: string
}

/** Events since the start, for metrics. */
export interface StateCounters {
  /** Connections that were given up since a command was not answered in time. */
  readonly timeouts: number
  /** Connections that were given up, or not had, for any other reason. */
  readonly failures: number
  /** Times that the state came back. */
  readonly reconnects: number
  /** Values in the state that are not ours, or not whole. None was believed. */
  readonly unreadable: number
  /** Ledger entries and revocations that were written to a state which had lost them, or had been away. */
  readonly writtenBack: number
}

/** Tokens on record in any replica. */
export interface SharedLedger {
  /**
   * Puts an entry on record. What is on record about the token already is narrowed by it, or stays as it is where the two
   * contradict each other. An entry that cannot be stored now is kept, and stored when the state is back; the promise
   * rejects all the same.
   *
   * @returns what is on record then
   */
  record(entry: LedgerEntry): Promise<LedgerEntry>
  /** @param listener told of what is on record, where an entry of this replica or a change by another one has met it */
  onMerged(listener: (entry: LedgerEntry) => void): void
  /**
   * @param digest of the token text
   * @returns undefined only where no replica has the token on record
   */
  find(digest: string): Promise<LedgerEntry | undefined>
}

/** Revocations of all replicas. */
export interface SharedRevocations {
  /**
   * Tells all replicas. A revocation that cannot be stored now is kept, and stored when the state is back; the promise
   * rejects all the same, since until then the others do not know of it.
   *
   * @param now seconds since the epoch
   * @returns `full` when the others cannot be told for want of room
   */
  add(revocation: Revocation, now: number): Promise<RevocationResult>
  /** All that are known here, whether or not the state is there. */
  known(): readonly (readonly [revocation: Revocation, now: number])[]
  /** @param listener told of revocations by other replicas: within a second while connected, else on the way back */
  onAdded(listener: (revocation: Revocation, now: number) => void): void
}

/**
 * How replicas part what an upstream takes from one egress address. The port is defined where it is used; here is who
 * keeps the slices.
 */
export interface SharedBudget extends BudgetLeases {
  /**
   * Gives a slice back for good, since this process ends. Without it the slice is taken for used in full, for a window.
   *
   * @param used requests of this replica that may still be counted upstream
   */
  leave(egress: string, used: number): Promise<void>
}

/** So many requests in each span of so many seconds. */
export interface Rate {
  readonly requests: number
  readonly windowSec: number
}

/** Limits on clients that hold over all replicas. */
export interface SharedLimits {
  /**
   * Counts one request in the key's current window.
   *
   * @param key whom the limit is about; only its digest leaves this process
   * @returns 0, or the seconds until the next window, at least 1
   */
  consume(key: string, rate: Rate): Promise<number>
}

/** Small secrets that replicas share, such as authentication tokens. They leave this process encrypted only. */
export interface SharedSecrets {
  put(name: string, plaintext: string, ttlSec: number): Promise<void>
  /** @returns undefined when there is none, or when what is there was not encrypted by a replica for this name */
  get(name: string): Promise<string | undefined>
}

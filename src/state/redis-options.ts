import type { Environment } from '../forage/environments.ts'
import type { LedgerEntry } from '../session/ledger.ts'
import type { RedisClientOptions } from './redis-clients.ts'

export interface RedisStateOptions extends Omit<RedisClientOptions, 'connectTimeoutMs'> {
  readonly environment: Environment
  /** Keeps gateways apart that share a server and an environment. Default `default`. */
  readonly namespace?: string
  /**
   * 32 octets that all replicas have. Encrypts secrets, of which there are none without it, and ledger entries: whoever
   * can write to Redis cannot then make a token real.
   */
  readonly sealingKey?: Uint8Array | undefined
  /** Asked before each connection: what has been renewed since the start. Default: nothing has. */
  readonly renewed?: () => Partial<Pick<RedisClientOptions, 'password' | 'tls'>>
  /** What this replica has on record, for a state that has lost it. Default: nothing. */
  readonly ledgerEntries?: () => Iterable<LedgerEntry>
  /** Longest time that a command is waited for, in milliseconds. Default 50. */
  readonly commandTimeoutMs?: number
  /** Longest time until a connection is ready, in milliseconds. Default 1,000. */
  readonly connectTimeoutMs?: number
  /** How often the state is asked for news, in milliseconds: what a lost message is late by. Default 500. */
  readonly beatMs?: number
  /** How long a slice of the budget is valid that is not renewed, in milliseconds. Default 3,000. */
  readonly leaseMs?: number
  /** After which the upstream has surely forgotten a request, in milliseconds. Default 330,000. */
  readonly budgetWindowMs?: number
  /** How long after a loss unknown tokens are answered `ERR_FORAGE_STATE_AWAY`, in milliseconds. Default 5,000. */
  readonly restoreMs?: number
  /** Most revocations; above it `add` answers `full`. Default 110,000. */
  readonly maxRevocations?: number
  /** Most ledger entries that are kept for a state that is away; the oldest go first. Default 20,000. */
  readonly maxUnsaved?: number
  /** Current time in seconds since the epoch. Default: the system clock. */
  readonly now?: () => number
  /** Milliseconds of a clock that never jumps. Default: `performance.now()`. */
  readonly monotonic?: () => number
  /** From 0 to 1, for the back-off. Default: `Math.random()`. */
  readonly random?: () => number
}

type Defaulted = Omit<RedisStateOptions, keyof RedisClientOptions | 'environment' | 'sealingKey' | 'connectTimeoutMs'> &
  Pick<RedisStateOptions, 'connectTimeoutMs'>

/** Options in which nothing that has a default is missing. */
export type RedisStateSettings = RedisStateOptions & Required<Defaulted>

export const redisDefaults: Readonly<Required<Defaulted>> = {
  namespace: 'default',
  renewed: () => ({}),
  ledgerEntries: () => [],
  commandTimeoutMs: 50,
  connectTimeoutMs: 1000,
  beatMs: 500,
  leaseMs: 3000,
  budgetWindowMs: 330_000,
  restoreMs: 5000,
  maxRevocations: 110_000,
  maxUnsaved: 20_000,
  now: () => Date.now() / 1000,
  monotonic: () => performance.now(),
  random: () => Math.random(),
}

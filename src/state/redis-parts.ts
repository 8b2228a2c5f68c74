import type { Counting, LinkKeeper } from './link-keeper.ts'
import type { RedisPulse } from './redis-pulse.ts'
import type { Seal } from './seal.ts'
import type { StateKeys } from './state-keys.ts'

/** What the parts of the state in Redis have in common. */
export interface RedisParts {
  readonly keys: StateKeys
  /** Name of this replica among the others. */
  readonly replica: string
  /** Key in which it counts its writes. */
  readonly writes: string
  readonly keeper: Pick<LinkKeeper, 'use'>
  readonly pulse: RedisPulse
  readonly counters: Counting
  readonly seal: Seal | undefined
  readonly settings: RedisSettings
}

export interface RedisSettings {
  readonly maxRevocations: number
  readonly maxUnsaved: number
  readonly leaseMs: number
  readonly budgetWindowMs: number
  /** Current time in seconds since the epoch. */
  readonly now: () => number
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number
}

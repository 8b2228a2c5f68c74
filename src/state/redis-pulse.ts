import type { RedisLink } from './redis-link.ts'
import type { StateKeys } from './state-keys.ts'

export interface RedisPulseOptions {
  readonly keys: StateKeys
  /** Name of this replica among the others. */
  readonly replica: string
  /** How long a replica counts that is not heard of, in milliseconds. */
  readonly silenceMs: number
  /** How long after a loss it is not believed that what is not on record never was, in milliseconds. */
  readonly restoreMs: number
  readonly monotonic: () => number
}

export interface Beat {
  /** Version of the latest revocation. */
  readonly version: number
  /** Whether the state has lost something that this replica had written. */
  readonly hasLost: boolean
}

/**
 * Tells the other replicas that this one lives, and finds out whether the state has forgotten.
 *
 * Each replica counts its writes in a key of its own, and each beat is one. A server that restarts empty, from a
 * snapshot, or as a standby that had not heard the last writes has a lower count than it had acknowledged, whatever it
 * still has: then everything that the replicas know is written back.
 */
export interface RedisPulse {
  beat(link: RedisLink): Promise<Beat>
  /** A write was acknowledged under this number. */
  acknowledge(writes: number): void
  /** From now on nothing that is missing is believed never to have been, for all replicas. */
  doubt(link: RedisLink): Promise<void>
  /** Whether what is not on record never was: not so soon after a loss, while replicas still write back. */
  readonly isComplete: boolean
  /** Whether this replica itself has seen a loss so short a time ago. */
  readonly isRestoring: boolean
  readonly replicas: number
}

export function createRedisPulse({ keys, replica, silenceMs, restoreMs, monotonic }: RedisPulseOptions): RedisPulse {
  let acknowledged = 0
  let completeAt = Number.POSITIVE_INFINITY
  let restoredAt = Number.NEGATIVE_INFINITY
  let replicas = 1
  let beatAt = Number.NEGATIVE_INFINITY
  let firmAt = 0

  /**
   * The number may fall only after a while: of replicas that lose their connections together, the first one back sees
   * itself alone.
   */
  function count(seen: number): void {
    const at = monotonic()
    if (seen >= replicas || at - beatAt > silenceMs) firmAt = at + 2 * silenceMs
    beatAt = at
    if (seen >= replicas || at >= firmAt) replicas = Math.max(1, seen)
  }

  return {
    async beat(link) {
      const before = acknowledged
      const names = [keys.replicas, keys.writes(replica), keys.revocations, keys.completeSince]
      const reply = await link.run('beat', names, [replica, silenceMs])
      const [writes = 0, version = 0, seen = 1, completeForMs = 0] = reply
      acknowledged = writes
      completeAt = monotonic() + restoreMs - completeForMs
      count(seen)
      return { version, hasLost: writes <= before }
    },
    acknowledge(writes) {
      acknowledged = Math.max(acknowledged, writes)
    },
    async doubt(link) {
      completeAt = monotonic() + restoreMs
      restoredAt = completeAt
      await link.run('doubt', [keys.completeSince], [])
    },
    get isComplete() {
      return monotonic() >= completeAt
    },
    get isRestoring() {
      return monotonic() < restoredAt
    },
    get replicas() {
      return replicas
    },
  }
}

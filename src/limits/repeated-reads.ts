import { LRUCache } from 'lru-cache'

export interface RepeatedReadsOptions {
  /** How soon the same read again is polling, in milliseconds. Default 15,000. */
  readonly withinMs?: number
  /** Most reads that are remembered. Default 10,000. */
  readonly maxReads?: number
  /** Most characters of sessions and targets that are held. Default 4 Mi. */
  readonly maxCharacters?: number
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number
}

/** Tells apps that ask for the same thing again and again from those that ask once. */
export interface RepeatedReads {
  /**
   * Notes a read.
   *
   * @param key what names the session and the target
   * @returns whether the session has read this target a moment ago
   */
  note(key: string): boolean
}

export function createRepeatedReads(options: RepeatedReadsOptions = {}): RepeatedReads {
  const { withinMs = 15_000, maxReads = 10_000, maxCharacters = 4_194_304, now = () => performance.now() } = options
  const reads = new LRUCache<string, { at: number }>({
    max: maxReads,
    maxSize: maxCharacters,
    sizeCalculation: (_read, key) => key.length,
  })
  return {
    note(key) {
      const last = reads.get(key)
      const at = now()
      if (last === undefined) {
        reads.set(key, { at })
        return false
      }
      const isRepeat = at - last.at <= withinMs
      last.at = at
      return isRepeat
    },
  }
}

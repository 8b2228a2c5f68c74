import { textDigest } from './token-identity.ts'

/**
 * Token texts that Forage itself has refused. Known by their exact text: where signatures cannot be verified here, a
 * forger could otherwise have another's token refused by sending its contents with a signature of his own.
 */
export interface RejectedTokens {
  /** @param expiresAt seconds since the epoch: no need to remember it longer */
  add(text: string, expiresAt: number, now: number): void
  has(text: string): boolean
  readonly size: number
}

/** @param maxTokens most texts that are remembered; the oldest go first, and are then asked about again. Default 100,000 */
export function createRejectedTokens(maxTokens = 100_000): RejectedTokens {
  const rejected = new Map<string, number>()
  return {
    add(text, expiresAt, now) {
      rejected.set(textDigest(text), expiresAt)
      for (const [digest, end] of rejected) {
        if (end > now && rejected.size <= maxTokens) break
        rejected.delete(digest)
      }
    },
    has: text => rejected.size > 0 && rejected.has(textDigest(text)),
    get size() {
      return rejected.size
    },
  }
}

import { type DatedRevocation, readRevocation } from './revocation-record.ts'

/** The revocations that this replica knows of, in their one spelling. */
export interface KnownRevocations {
  /** @returns false when it was known, and when there is no room: then it cannot be written back by this replica */
  add(text: string, endsAt: number, now: number): boolean
  has(text: string): boolean
  /** Those that have not ended, with their ends. */
  texts(now: number): readonly (readonly [text: string, endsAt: number])[]
  list(now: number): readonly DatedRevocation[]
}

/** @param maxEntries most that are known; above it, those that have ended make room */
export function createKnownRevocations(maxEntries: number): KnownRevocations {
  const ends = new Map<string, number>()

  function forgetEnded(now: number): void {
    for (const [text, endsAt] of ends) if (endsAt <= now) ends.delete(text)
  }

  const texts = (now: number) => [...ends].filter(([, endsAt]) => endsAt > now)
  return {
    add(text, endsAt, now) {
      if (ends.has(text)) return false
      if (ends.size >= maxEntries) forgetEnded(now)
      if (ends.size >= maxEntries) return false
      ends.set(text, endsAt)
      return true
    },
    has: text => ends.has(text),
    texts,
    list: now => texts(now).flatMap(([text]) => readRevocation(text, now) ?? []),
  }
}

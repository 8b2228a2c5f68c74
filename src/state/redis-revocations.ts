import type { Revocation } from '../session/revocations.ts'
import { createKnownRevocations } from './known-revocations.ts'
import type { RedisLink } from './redis-link.ts'
import type { RedisParts } from './redis-parts.ts'
import { readRevocation, writeRevocation } from './revocation-record.ts'
import type { SharedRevocations } from './shared-state.ts'

export interface RedisRevocations extends SharedRevocations {
  /** Takes up what another replica tells. */
  hear(text: string): void
  /** Reads all of them, and finds out which of those that are known here are not there. */
  compare(link: RedisLink): Promise<void>
  /** Reads those that came after the last reading. @param version of the latest one */
  catchUp(link: RedisLink, version: number): Promise<void>
  /** Writes those that are known here and not there. */
  writeBack(link: RedisLink): Promise<void>
}

/** So many at once hold up the server for no more than a millisecond or two. */
const pageSize = 500

/**
 * Revocations travel twice: told on a channel, which is fast and may lose one, and read by version with each beat, which
 * loses none. On each new connection the whole of both sides is compared.
 */
export function createRedisRevocations({
  keys,
  writes,
  keeper,
  pulse,
  counters,
  settings,
}: RedisParts): RedisRevocations {
  const { maxRevocations, now } = settings
  const known = createKnownRevocations(maxRevocations)
  const missing = new Map<string, number>()
  const listeners: ((revocation: Revocation, now: number) => void)[] = []
  let seen = 0

  function hear(text: string): void {
    if (known.has(text)) return
    const dated = readRevocation(text, now())
    if (!dated) {
      counters.unreadable++
      return
    }
    if (dated.endsAt <= now()) return
    known.add(text, dated.endsAt, now())
    for (const listener of listeners) listener(dated.revocation, dated.at)
  }

  /** @returns how many of them found no room */
  async function write(link: RedisLink, texts: readonly (readonly [text: string, endsAt: number])[]): Promise<number> {
    const entries = texts.flatMap(([text, endsAt]) => [text, Math.ceil(endsAt * 1000)])
    const places = [keys.revocations, keys.ends, writes]
    const [count = 0, full = 0] = await link.run('revoke', places, [keys.channel, maxRevocations, ...entries])
    pulse.acknowledge(count)
    return full
  }

  async function readAbove(link: RedisLink, version: number, texts?: Set<string>): Promise<void> {
    seen = version
    for (;;) {
      const page = await link.above(keys.revocations, seen, pageSize)
      for (const [text, at] of page) {
        hear(text)
        texts?.add(text)
        seen = Math.max(seen, at)
      }
      if (page.length < pageSize) return
    }
  }

  return {
    async add(revocation, at) {
      const text = writeRevocation(revocation, at)
      const { endsAt = at } = readRevocation(text, at) ?? {}
      if (!known.add(text, endsAt, now()) && !known.has(text)) return 'full'
      try {
        const full = await keeper.use(link => write(link, [[text, endsAt]]))
        return full === 0 ? 'revoked' : 'full'
      } catch (error) {
        // It may be there all the same, since only the answer may be lost; a second time changes nothing.
        missing.set(text, endsAt)
        throw error
      }
    },
    known: () => known.list(now()).map(({ revocation, at }) => [revocation, at] as const),
    onAdded: listener => void listeners.push(listener),
    hear,
    async compare(link) {
      const there = new Set<string>()
      await readAbove(link, 0, there)
      for (const [text, endsAt] of known.texts(now())) if (!there.has(text)) missing.set(text, endsAt)
    },
    async catchUp(link, version) {
      // A lower version: the latest ones have ended and are gone, and those after them may be lower than they were.
      if (version !== seen) await readAbove(link, version > seen ? seen : 0)
    },
    async writeBack(link) {
      while (missing.size > 0) {
        const page = [...missing].slice(0, pageSize)
        await write(link, page)
        for (const [text] of page) missing.delete(text)
        counters.writtenBack += page.length
      }
    },
  }
}

import { LRUCache } from 'lru-cache'
import type { Provenance, Session } from './session.ts'

export interface VerifiedSessionsOptions {
  /** Most sessions that are remembered. Default 10,000. */
  readonly maxSessions?: number
  /** Most characters of token text that are held. Default 8 Mi. */
  readonly maxCharacters?: number
}

/** How often a session was found, and how often it was not, since the start. */
export interface CacheCounts {
  readonly hits: number
  readonly misses: number
}

/**
 * Sessions by the text of their verified token. Only a canonical text ever gets in, so an equal text is canonical
 * too: the look-up may stand before the parse. Only successes are kept: a flood of bad tokens pushes nobody out.
 */
export interface VerifiedSessions extends CacheCounts {
  /** Counts as a hit or a miss. */
  find(token: string): Session | undefined
  /** Neither counts, nor keeps the session from being the next to go. */
  has(token: string): boolean
  add(token: string, session: Session): void
  remove(token: string): void
  /** Forgets the sessions that were made with this record. Looks at all: for what happens seldom. */
  removeOf(record: Provenance): void
  /** Forgets all: what made them authentic has changed. */
  clear(): void
  /** How often all was forgotten. A verification that began before has nothing to add after. */
  readonly generation: number
}

export function createVerifiedSessions(options: VerifiedSessionsOptions = {}): VerifiedSessions {
  const { maxSessions = 10_000, maxCharacters = 8 * 1024 * 1024 } = options
  const sessions = new LRUCache<string, Session>({
    max: maxSessions,
    maxSize: maxCharacters,
    sizeCalculation: (_session, token) => token.length,
  })
  let generation = 0
  let hits = 0
  let misses = 0
  return {
    find(token) {
      const session = sessions.get(token)
      if (session === undefined) misses++
      else hits++
      return session
    },
    has: token => sessions.has(token),
    add: (token, session) => void sessions.set(token, session),
    remove: token => void sessions.delete(token),
    removeOf(record) {
      for (const [token, { provenance }] of sessions.entries()) if (provenance === record) sessions.delete(token)
    },
    clear() {
      sessions.clear()
      generation++
    },
    get generation() {
      return generation
    },
    get hits() {
      return hits
    },
    get misses() {
      return misses
    },
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import { withDeadline } from './deadline.ts'
import type { RedisLink } from './redis-link.ts'
import type { StateCounters, StateHealth } from './shared-state.ts'
import { isOfOneKey, reasonOf, stateAway } from './state-away.ts'

export interface LinkKeeperOptions {
  /** Opens a link. @param onLost to be told when it is gone */
  readonly connect: (onLost: (error: unknown) => void) => Promise<RedisLink>
  /** Brings a new link up to date; only then is it used. */
  readonly prepare: (link: RedisLink) => Promise<void>
  /** Asked of a link that is used, at this interval, in milliseconds. */
  readonly beat: (link: RedisLink) => Promise<void>
  readonly beatMs: number
  readonly commandTimeoutMs: number
  readonly counters: Counting
  /** Current time in seconds since the epoch. */
  readonly now: () => number
  readonly monotonic: () => number
  /** From 0 to 1, for the back-off. */
  readonly random: () => number
}

export type Counting = { -readonly [name in keyof StateCounters]: number }

/**
 * Keeps one link to the state, and is the breaker in front of it: the first command that fails ends the link, and until
 * the next one is up to date every command fails at once. So a state that hangs costs one time-out, not one a request.
 */
export interface LinkKeeper {
  readonly health: StateHealth
  onHealthChange(listener: (health: StateHealth) => void): void
  /** @throws GatewayError `ERR_FORAGE_STATE_AWAY` */
  use<T>(command: (link: RedisLink) => Promise<T>): Promise<T>
  /** Begins. Resolves after the first attempt, however it ended. */
  start(): Promise<void>
  /** @param goodbye last command, where a link is in use */
  close(goodbye: (link: RedisLink) => Promise<unknown>): Promise<void>
}

/** Longest time between two attempts, in milliseconds. */
const longestBackOffMs = 2000

interface Life {
  readonly link: RedisLink
  fail(error: unknown): void
  isOver(): boolean
}

export function createLinkKeeper(options: LinkKeeperOptions): LinkKeeper {
  const { beatMs, commandTimeoutMs, counters, now, monotonic, random } = options
  const listeners: ((health: StateHealth) => void)[] = []
  const closing = new AbortController()
  let health: StateHealth = { status: 'away', since: now(), reason: 'STARTING' }
  let current: Life | undefined
  let wasConnected = false
  let isLeaving = false
  let afterFirst = () => {}

  function change(status: StateHealth['status'], reason: string): void {
    const isTurn = health.status !== status
    const isNews = isTurn || health.reason !== reason
    // Why it stays away may change, from a time-out to a refused connection; since when does not.
    health = { status, since: isTurn ? now() : health.since, reason }
    if (isNews) for (const listener of listeners) listener(health)
  }

  function lost(error: unknown): void {
    current = undefined
    if (closing.signal.aborted) return
    const reason = reasonOf(error)
    counters[reason === 'ETIMEDOUT' ? 'timeouts' : 'failures']++
    change('away', reason)
  }

  /** From the opening of a link to its end, which is always an error. */
  async function live(): Promise<never> {
    let link: RedisLink | undefined
    let hasFailed = false
    let end: (error: unknown) => void = () => {}
    const ended = new Promise<never>((_resolve, reject) => {
      end = reject
    })
    ended.catch(() => {})
    const fail = (error: unknown) => {
      if (!hasFailed) lost(error)
      hasFailed = true
      end(error)
    }
    try {
      link = await options.connect(fail)
      return await Promise.race([ended, work({ link, fail, isOver: () => hasFailed || closing.signal.aborted })])
    } catch (error) {
      fail(error)
      throw error
    } finally {
      link?.close()
    }
  }

  async function work(life: Life): Promise<never> {
    if (!life.isOver()) await options.prepare(life.link)
    // It may have ended with its last answer.
    if (life.isOver()) throw new Error('Connection is closed.')
    current = life
    if (wasConnected) counters.reconnects++
    wasConnected = true
    change('connected', '')
    afterFirst()
    for (;;) {
      await pause(beatMs)
      // After a goodbye a beat would bring this replica back.
      if (!isLeaving) await options.beat(life.link)
    }
  }

  async function keep(): Promise<void> {
    for (let attempts = 0; !closing.signal.aborted; attempts++) {
      const began = monotonic()
      await live().catch(() => {})
      afterFirst()
      // A link that lasted is no sign of trouble; one that did not is, even if it came about.
      if (monotonic() - began > longestBackOffMs) attempts = 0
      const longest = Math.min(longestBackOffMs, 50 * 2 ** attempts)
      await pause(longest * (0.5 + random() / 2))
    }
  }

  const pause = (ms: number) => delay(ms, undefined, { ref: false, signal: closing.signal })

  async function use<T>(command: (link: RedisLink) => Promise<T>): Promise<T> {
    const life = current
    if (!life) throw stateAway(health.reason)
    try {
      return await withDeadline(command(life.link), commandTimeoutMs)
    } catch (error) {
      if (isOfOneKey(error)) counters.unreadable++
      else life.fail(error)
      throw stateAway(reasonOf(error))
    }
  }

  return {
    get health() {
      return health
    },
    onHealthChange: listener => void listeners.push(listener),
    use,
    start: () =>
      new Promise(resolve => {
        afterFirst = resolve
        keep().catch(() => {})
      }),
    async close(goodbye) {
      if (isLeaving) return
      isLeaving = true
      await use(goodbye).catch(() => {})
      closing.abort()
      current?.link.close()
      current = undefined
      // Nobody is told of what they asked for.
      health = { status: 'away', since: now(), reason: 'CLOSED' }
    },
  }
}

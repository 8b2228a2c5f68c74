import { addressKey } from './address-key.ts'
import { createRateLimit, type Rate, type RateLimit } from './rate-limit.ts'

export interface ClientLimitsOptions {
  /** Requests of one session. Null: no limit. */
  readonly perSession: Rate | null
  /** Requests of one address. Null: no limit. */
  readonly perAddress: Rate | null
  /** Refusals of one address, after which it is not heard for the rest of the window. Null: no limit. */
  readonly denialsPerAddress: Rate | null
  /** Most sessions, and addresses, that are counted. Default 50,000 each. */
  readonly maxKeys?: number
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number
}

/** What one client may ask for. IPv6 addresses count by their first 64 bits. */
export interface ClientLimits {
  /**
   * Whether an address has been refused so often that it looks like guessing: asked before a token is verified.
   *
   * @returns 0, or the whole seconds until it is heard again
   */
  guessing(address: string): number
  /**
   * Counts a request of a session, and of an address, that is about to go on. One that is refused counts for neither.
   *
   * @param session the session's fingerprint
   * @returns 0, or the whole seconds until it may ask again
   */
  admit(address: string, session: string): number
  /** Counts a refusal. */
  noteDenial(address: string): void
}

export function createClientLimits(options: ClientLimitsOptions): ClientLimits {
  const { maxKeys, now } = options
  const bounds = { ...(maxKeys !== undefined && { maxKeys }), ...(now !== undefined && { now }) }
  const limitOf = (rate: Rate | null): RateLimit | null => rate && createRateLimit({ ...rate, ...bounds })
  const sessions = limitOf(options.perSession)
  const addresses = limitOf(options.perAddress)
  const denials = limitOf(options.denialsPerAddress)
  return {
    guessing: address => denials?.check(addressKey(address)) ?? 0,
    admit(address, session) {
      const seconds = sessions?.admit(session) ?? 0
      if (seconds > 0) return seconds
      const wait = addresses?.admit(addressKey(address)) ?? 0
      if (wait > 0) sessions?.takeBack(session)
      return wait
    },
    noteDenial: address => denials?.count(addressKey(address)),
  }
}

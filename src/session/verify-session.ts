import type { Environment } from '../forage/environments.ts'
import type { Authenticate } from './authenticate-jwt.ts'
import { createSession, type SessionFacts } from './create-session.ts'
import { parseToken } from './parse-token.ts'
import type { ParsedToken } from './parsed-token.ts'
import { isRefusal, type Session, type TokenFormat, type TokenRefusal, type Verdict } from './session.ts'
import { isOver, judgeTimes, readTimes, type TimeRules } from './times.ts'
import type { VerifiedSessions } from './verified-sessions.ts'

export interface SessionVerifierOptions extends TimeRules, SessionFacts {
  readonly environment: Environment
  /** How the signature of each accepted format is proved. A format without an entry is not accepted. */
  readonly authenticators: Readonly<Partial<Record<TokenFormat, Authenticate>>>
  readonly verified: VerifiedSessions
}

/** Turns the text of a session token into the session it stands for. */
export interface SessionVerifier {
  /**
   * @param token the text after `Bearer `
   * @param now seconds since the epoch
   * @returns at once for a token that was seen before or that is refused without its key; a promise otherwise
   */
  verify(token: string, now: number): Verdict | Promise<Verdict>
}

/** Verification by key material of our own (`session.verify: signature`). */
export function createSessionVerifier(options: SessionVerifierOptions): SessionVerifier {
  // A token that many requests bring at once is verified once.
  const underWay = new Map<string, Promise<Verdict>>()

  function verify(token: string, now: number): Verdict | Promise<Verdict> {
    const known = options.verified.find(token)
    if (known) return recall(token, known, now)
    const pending = underWay.get(token)
    if (pending !== undefined) return pending

    const parsed = parseToken(token, options.environment)
    if (isRefusal(parsed)) return parsed
    const authenticate = options.authenticators[parsed.format]
    if (!authenticate) return { reason: 'format_not_accepted' }
    const refusal = authenticate(parsed)
    if (!(refusal instanceof Promise)) return refusal ?? admit(token, parsed, now)

    const verdict = refusal.then(refused => refused ?? admit(token, parsed, now)).finally(() => underWay.delete(token))
    underWay.set(token, verdict)
    return verdict
  }

  /** A cached session is still judged by the clock: the cache remembers authenticity, never validity. */
  function recall(token: string, session: Session, now: number): Verdict {
    if (!isOver(session.expiresAt, now, options)) return session
    options.verified.remove(token)
    return { reason: 'token_expired' }
  }

  function admit(token: string, parsed: ParsedToken, now: number): Session | TokenRefusal {
    const times = readTimes(parsed)
    if (isRefusal(times)) return times
    const refusal = judgeTimes(times, now, options)
    if (refusal) return refusal
    const session = createSession(parsed, times, options)
    if (!isRefusal(session)) options.verified.add(token, session)
    return session
  }

  return { verify }
}

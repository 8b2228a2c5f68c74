import { jwtAlgorithms } from './algorithms.ts'
import type { Authenticate } from './authenticate-jwt.ts'
import { createSession, type SessionFacts } from './create-session.ts'
import { createLedger, type Ledger, type LedgerEntry } from './ledger.ts'
import { parseToken } from './parse-token.ts'
import type { ParsedToken } from './parsed-token.ts'
import { createRejectedTokens, type RejectedTokens } from './rejected-tokens.ts'
import { hasRequiredClaims, type RequiredClaims } from './required-claims.ts'
import { createRevocations, type Revocations } from './revocations.ts'
import { isRefusal, type Session, type TokenFormat, type TokenRefusal, tokenFormats, type Verdict } from './session.ts'
import { isOver, judgeTimes, readTimes, type TimeRules, type TokenTimes } from './times.ts'
import { textDigest } from './token-identity.ts'
import type { VerifiedSessions } from './verified-sessions.ts'
import type { VerifyMode } from './verify-mode.ts'

export interface SessionVerifierOptions extends TimeRules, SessionFacts {
  /** What makes a token authentic. Default `signature`. */
  readonly mode?: VerifyMode
  /** Formats that are accepted. Default: both. */
  readonly formats?: readonly TokenFormat[]
  /** For mode `signature`: how each format's signature is proved. A format without an entry is not accepted. */
  readonly authenticators: Readonly<Partial<Record<TokenFormat, Authenticate>>>
  readonly verified: VerifiedSessions
  /** Claims that a JWT must have. Default: none. */
  readonly requiredClaims?: RequiredClaims
  /** Tokens on record. For mode `ledger` they are the only ones that are let in. Default: none. */
  readonly ledger?: Ledger
  /**
   * For mode `ledger`: asks whoever else may have a token on record, by the digest of its text. Rejects when that cannot be
   * known now; then nobody is told that a token is unknown. Default: nobody else has any.
   */
  readonly askOthers?: AskOthers
  /** Takes up what others answer. Default: puts it on record. */
  readonly adopt?: (entry: LedgerEntry, text: string) => void
  /** Sessions that are over before their time. Default: none. */
  readonly revocations?: Revocations
  /** For mode `upstream`: tokens that Forage has refused. Default: none. */
  readonly rejected?: RejectedTokens
}

/** @param digest of a token's text */
export type AskOthers = (digest: string) => Promise<LedgerEntry | undefined>

/** Turns the text of a session token into the session it stands for. */
export interface SessionVerifier {
  /**
   * @param token the text after `Bearer `
   * @param now seconds since the epoch
   * @returns at once for a token that was seen before or that is refused without a key; a promise otherwise
   */
  verify(token: string, now: number): Verdict | Promise<Verdict>
  /** Whether the token has opened a session before, and has not been forgotten since. */
  isKnown(token: string): boolean
}

const noClaims: RequiredClaims = { issuer: null, audience: null }

type Proof = TokenRefusal | undefined

/** A token that is being verified. */
interface Candidate {
  readonly text: string
  readonly parsed: ParsedToken
  /** Of the cache when the verification began: keys may change before it ends. */
  readonly generation: number
}

/**
 * Verifies session tokens. Whatever the mode, a token must be canonical, of an accepted format and of this environment,
 * within its times, and not revoked; the mode says what makes it authentic.
 */
export function createSessionVerifier(options: SessionVerifierOptions): SessionVerifier {
  const { mode = 'signature', formats = tokenFormats, authenticators, verified, requiredClaims = noClaims } = options
  const { ledger = createLedger(), revocations = createRevocations(), rejected = createRejectedTokens() } = options
  const { adopt = ledger.record } = options
  // A token that many requests bring at once is verified once.
  const underWay = new Map<string, Promise<Verdict>>()

  function verify(text: string, now: number): Verdict | Promise<Verdict> {
    const known = verified.find(text)
    if (known) return recall(text, known, now)
    const pending = underWay.get(text)
    // The clock has gone on since the first one asked.
    if (pending !== undefined)
      return pending.then(verdict => (isRefusal(verdict) ? verdict : recall(text, verdict, now)))

    const parsed = parseToken(text, options.environment)
    if (isRefusal(parsed)) return parsed
    if (!formats.includes(parsed.format)) return { reason: 'format_not_accepted' }
    const candidate = { text, parsed, generation: verified.generation }
    const proof = prove(candidate, now)
    if (!(proof instanceof Promise)) return proof ?? admit(candidate, now)

    const verdict = proof.then(refusal => refusal ?? admit(candidate, now)).finally(() => underWay.delete(text))
    underWay.set(text, verdict)
    return verdict
  }

  /** A cached session is still judged: the cache remembers authenticity, never validity. */
  function recall(text: string, session: Session, now: number): Verdict {
    if (isOver(session.expiresAt, now, options)) {
      verified.remove(text)
      return { reason: 'token_expired' }
    }
    return revocations.isRevoked(session) ? { reason: 'token_revoked' } : session
  }

  function prove({ text, parsed }: Candidate, now: number): Proof | Promise<Proof> {
    if (mode === 'signature') return (authenticators[parsed.format] ?? refuseFormat)(parsed)
    // Nothing verifies the signature here, but `none` and unheard-of algorithms are no session tokens.
    if (parsed.format === 'jwt' && !isKnownAlgorithm(parsed.header.alg)) return { reason: 'algorithm_not_allowed' }
    if (mode === 'upstream') return rejected.has(text) ? { reason: 'token_rejected_upstream' } : undefined
    if (ledger.find(text, now)) return undefined
    if (endedBefore(readTimes(parsed, options), now)) return { reason: 'token_expired' }
    return options.askOthers ? hearOthers(text, now, options.askOthers) : { reason: 'token_unknown' }
  }

  async function hearOthers(text: string, now: number, askOthers: AskOthers): Promise<Proof> {
    try {
      const entry = await askOthers(textDigest(text))
      // It may have come on record here meanwhile.
      if (entry) adopt(entry, text)
      return ledger.find(text, now) ? undefined : { reason: 'token_unknown' }
    } catch {
      return { reason: 'overloaded' }
    }
  }

  /** The record of a token that is over is gone: then its own words tell an app more than that it is unknown. */
  function endedBefore(times: TokenTimes | TokenRefusal, now: number): boolean {
    return !isRefusal(times) && isOver(times.expiresAt, now, options)
  }

  function admit({ text, parsed, generation }: Candidate, now: number): Verdict {
    const own = readTimes(parsed, options)
    if (isRefusal(own)) return own
    if (parsed.format === 'jwt' && !hasRequiredClaims(parsed.claims, requiredClaims))
      return { reason: 'claims_invalid' }
    // Asked for now: the token may have come on record while its signature was verified.
    const entry = ledger.find(text, now)
    const times = { ...own, expiresAt: Math.min(own.expiresAt, entry?.expiresAt ?? Number.POSITIVE_INFINITY) }
    const refusal = judgeTimes(times, now, options)
    if (refusal) return refusal
    const session = createSession(parsed, times, options, entry?.provenance)
    if (isRefusal(session)) return session
    if (generation === verified.generation) verified.add(text, session)
    return revocations.isRevoked(session) ? { reason: 'token_revoked' } : session
  }

  return { verify, isKnown: text => verified.has(text) }
}

function refuseFormat(): TokenRefusal {
  return { reason: 'format_not_accepted' }
}

function isKnownAlgorithm(algorithm: unknown): boolean {
  return (jwtAlgorithms as readonly unknown[]).includes(algorithm)
}

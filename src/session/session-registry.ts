import type { Environment } from '../forage/environments.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'
import { parseToken } from './parse-token.ts'
import type { ParsedToken } from './parsed-token.ts'
import type { RejectedTokens } from './rejected-tokens.ts'
import type { Revocation, RevocationResult, Revocations } from './revocations.ts'
import { isRefusal, type Provenance, type TokenFormat, type TokenRefusal } from './session.ts'
import { judgeTimes, readTimes, type TimeRules, type TokenTimes } from './times.ts'
import { textDigest, tokenIdentity } from './token-identity.ts'
import type { VerifiedSessions } from './verified-sessions.ts'

export interface SessionRegistryOptions extends TimeRules {
  readonly environment: Environment
  readonly formats: readonly TokenFormat[]
  readonly verified: VerifiedSessions
  readonly ledger: Ledger
  readonly revocations: Revocations
  readonly rejected: RejectedTokens
  /** Current time in seconds since the epoch. */
  readonly now: () => number
  /** Told of every token that comes on record here, and of every revocation, for others to know. Default: nobody. */
  readonly onRecorded?: ((entry: LedgerEntry) => void) | undefined
  readonly onRevoked?: ((revocation: Revocation, now: number) => void) | undefined
}

/** What is told about a token when it comes on record. */
export type TokenOrigin = Partial<Omit<Provenance, 'recordedAt' | 'parent'>> & {
  /** The authentication token that it was issued from. Only its digest is kept. */
  readonly authenticationToken?: string | undefined
}

/** Which sessions end now. Texts of tokens, as whoever revokes them has them. */
export type RevocationRequest =
  | { readonly token: string }
  | { readonly useCase: string }
  | { readonly authenticationToken: string }
  | { readonly all: true }

/** What this gateway is told about tokens, by the merchant's backend, by operators, and by Forage's own answers. */
export interface SessionRegistry {
  /** Puts a token on record, so that `ledger` mode lets it in. @returns its end, or why no such token can be let in */
  record(text: string, origin?: TokenOrigin): { readonly expiresAt: number } | TokenRefusal
  /** Ends sessions, from the next request on. */
  revoke(request: RevocationRequest): RevocationResult | TokenRefusal
  /** Forage refused this token: it is not asked about again. */
  reject(text: string): void
}

const noOrigin = { useCase: undefined, scopes: undefined, merchantAccount: undefined }

export function createSessionRegistry(options: SessionRegistryOptions): SessionRegistry {
  const { environment, formats, verified, ledger, revocations, rejected, now } = options

  function read(text: string): { readonly parsed: ParsedToken; readonly times: TokenTimes } | TokenRefusal {
    const parsed = parseToken(text, environment)
    if (isRefusal(parsed)) return parsed
    if (!formats.includes(parsed.format)) return { reason: 'format_not_accepted' }
    const times = readTimes(parsed, options)
    return isRefusal(times) ? times : { parsed, times }
  }

  function add(revocation: Revocation): RevocationResult {
    const addedAt = now()
    const result = revocations.add(revocation, addedAt)
    // Others may have room for it.
    options.onRevoked?.(revocation, addedAt)
    return result
  }

  return {
    record(text, origin = {}) {
      const token = read(text)
      if (isRefusal(token)) return token
      const refusal = judgeTimes(token.times, now(), options)
      if (refusal) return refusal
      // On record for as long as the clock tolerance lets the token live.
      const expiresAt = token.times.expiresAt + options.clockToleranceSec
      const { authenticationToken, ...known } = origin
      const parent = authenticationToken === undefined ? undefined : textDigest(authenticationToken)
      const provenance = { ...noOrigin, ...known, recordedAt: now(), parent }
      const entry = { digest: textDigest(text), expiresAt, provenance }
      ledger.record(entry)
      options.onRecorded?.(entry)
      // A session that was let in before is made anew, now with what is on record about it.
      verified.remove(text)
      return { expiresAt: token.times.expiresAt }
    },
    revoke(request) {
      if ('authenticationToken' in request) {
        return add({ authenticationToken: textDigest(request.authenticationToken) })
      }
      if (!('token' in request)) return add(request)
      const token = read(request.token)
      if (isRefusal(token)) return token
      const expiresAt = token.times.expiresAt + options.clockToleranceSec
      return add({ token: tokenIdentity(token.parsed.signedText), expiresAt })
    },
    reject(text) {
      verified.remove(text)
      const token = read(text)
      if (!isRefusal(token)) rejected.add(text, token.times.expiresAt + options.clockToleranceSec, now())
    },
  }
}

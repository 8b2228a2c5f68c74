import type { Environment } from '../forage/environments.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'
import { type FixedMember, inBoth, type MergedEntry, mergeEntries } from './merge-entries.ts'
import { parseToken } from './parse-token.ts'
import type { ParsedToken } from './parsed-token.ts'
import type { RejectedTokens } from './rejected-tokens.ts'
import type { Revocation, RevocationResult, Revocations } from './revocations.ts'
import { isRefusal, type Provenance, type TokenFormat, type TokenRefusal } from './session.ts'
import { judgeTimes, readTimes, type TimeRules, type TokenTimes } from './times.ts'
import { textDigest, tokenIdentity } from './token-identity.ts'
import type { VerifiedSessions } from './verified-sessions.ts'
import type { AskOthers } from './verify-session.ts'

export interface SessionRegistryOptions extends TimeRules {
  readonly environment: Environment
  readonly formats: readonly TokenFormat[]
  readonly verified: VerifiedSessions
  readonly ledger: Ledger
  readonly revocations: Revocations
  readonly rejected: RejectedTokens
  /** Current time in seconds since the epoch. */
  readonly now: () => number
  /** Asks whoever else may have a token on record. Default: nobody else has any. */
  readonly askOthers?: AskOthers | undefined
  /** Takes up what they answer. */
  readonly adopt: (entry: LedgerEntry, text: string) => void
  /** Told of every token that comes on record here, and of every revocation, for others to know. Default: nobody. */
  readonly onRecorded?: ((entry: LedgerEntry) => void) | undefined
  readonly onRevoked?: ((revocation: Revocation, now: number) => void) | undefined
}

/** What is told about a token when it comes on record. */
export type TokenOrigin = Partial<Omit<Provenance, 'recordedAt' | 'parent'>> & {
  /** The authentication token that it was issued from. Only its digest is kept. */
  readonly authenticationToken?: string | undefined
}

/** Why nothing was put on record about a token: its record says otherwise, and a later word does not change it. */
export interface RecordConflict {
  readonly reason: 'record_differs'
  readonly member: FixedMember
}

export interface RecordOptions {
  /** Scopes that it is narrowed to besides, where it is on record without a use case and gets one. Default: none. */
  readonly scopesWithoutUseCase?: readonly string[] | undefined
}

/** Which sessions end now. Texts of tokens, as whoever revokes them has them. */
export type RevocationRequest =
  | { readonly token: string }
  | { readonly useCase: string }
  | { readonly authenticationToken: string }
  | { readonly all: true }

/** What this gateway is told about tokens, by the merchant's backend, by operators, and by Forage's own answers. */
export interface SessionRegistry {
  /**
   * Puts a token on record, so that `ledger` mode lets it in. One that is on record can only be narrowed: what its record
   * says stays, what it does not say is added, of its scopes those stay that are named again.
   *
   * @returns its end, or why nothing has come on record
   */
  record(
    text: string,
    origin?: TokenOrigin,
    options?: RecordOptions,
  ): { readonly expiresAt: number } | TokenRefusal | RecordConflict
  /** Takes up what others have on record about tokens, before more is said of them. Resolves also where they are away. */
  learn(texts: readonly string[]): Promise<void>
  /** In what a record contradicts what is told about a token now. */
  conflict(text: string, origin: TokenOrigin): FixedMember | undefined
  /** Ends sessions, from the next request on. */
  revoke(request: RevocationRequest): RevocationResult | TokenRefusal
  /** Forage refused this token: it is not asked about again. */
  reject(text: string): void
}

const noOrigin = { useCase: undefined, scopes: undefined, merchantAccount: undefined }

/** Tokens that others are asked about at once. */
const questionsAtOnce = 100

export function createSessionRegistry(options: SessionRegistryOptions): SessionRegistry {
  const { environment, formats, verified, ledger, revocations, rejected, now } = options

  function read(text: string): { readonly parsed: ParsedToken; readonly times: TokenTimes } | TokenRefusal {
    const parsed = parseToken(text, environment)
    if (isRefusal(parsed)) return parsed
    if (!formats.includes(parsed.format)) return { reason: 'format_not_accepted' }
    const times = readTimes(parsed, options)
    return isRefusal(times) ? times : { parsed, times }
  }

  function provenanceOf({ authenticationToken, ...known }: TokenOrigin): Provenance {
    const parent = authenticationToken === undefined ? undefined : textDigest(authenticationToken)
    return { ...noOrigin, ...known, recordedAt: now(), parent }
  }

  function entryOf(text: string, times: TokenTimes, origin: TokenOrigin): LedgerEntry {
    // On record for as long as the clock tolerance lets the token live.
    const expiresAt = times.expiresAt + options.clockToleranceSec
    return { digest: textDigest(text), expiresAt, provenance: provenanceOf(origin) }
  }

  function merge(coming: LedgerEntry, scopesWithoutUseCase: readonly string[] | undefined): MergedEntry {
    const known = ledger.findByDigest(coming.digest)
    if (!known) return { entry: coming }
    const getsUseCase = known.provenance.useCase === undefined && coming.provenance.useCase !== undefined
    if (!getsUseCase || scopesWithoutUseCase === undefined) return mergeEntries(known, coming)
    const scopes = inBoth(coming.provenance.scopes, scopesWithoutUseCase)
    return mergeEntries(known, { ...coming, provenance: { ...coming.provenance, scopes } })
  }

  async function learnFrom(askOthers: AskOthers, text: string): Promise<void> {
    try {
      const entry = await askOthers(textDigest(text))
      if (entry) options.adopt(entry, text)
    } catch {
      // They are told of it when they are back, and what they have on record holds then.
    }
  }

  function add(revocation: Revocation): RevocationResult {
    const addedAt = now()
    const result = revocations.add(revocation, addedAt)
    // Others may have room for it.
    options.onRevoked?.(revocation, addedAt)
    return result
  }

  return {
    record(text, origin = {}, { scopesWithoutUseCase } = {}) {
      const token = read(text)
      if (isRefusal(token)) return token
      const refusal = judgeTimes(token.times, now(), options)
      if (refusal) return refusal
      const { entry, differs } = merge(entryOf(text, token.times, origin), scopesWithoutUseCase)
      if (differs) return { reason: 'record_differs', member: differs }
      ledger.record(entry)
      options.onRecorded?.(entry)
      // A session that was let in before is made anew, now with what is on record about it.
      verified.remove(text)
      return { expiresAt: token.times.expiresAt }
    },
    async learn(texts) {
      const { askOthers } = options
      if (!askOthers) return
      for (let from = 0; from < texts.length; from += questionsAtOnce)
        await Promise.all(texts.slice(from, from + questionsAtOnce).map(text => learnFrom(askOthers, text)))
    },
    conflict(text, origin) {
      const known = ledger.findByDigest(textDigest(text))
      return known && mergeEntries(known, { ...known, provenance: provenanceOf(origin) }).differs
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

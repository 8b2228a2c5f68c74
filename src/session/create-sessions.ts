import type { Environment } from '../forage/environments.ts'
import { type Authenticators, createAuthenticators } from './create-authenticators.ts'
import { createLedger, type Ledger, type LedgerEntry } from './ledger.ts'
import { mergeEntries, saySame } from './merge-entries.ts'
import { createRejectedTokens } from './rejected-tokens.ts'
import { createRevocations, type Revocations } from './revocations.ts'
import { createSessionRegistry, type SessionRegistry, type SessionRegistryOptions } from './session-registry.ts'
import type { KeyMaterial, SessionSettings } from './session-settings.ts'
import { type CacheCounts, createVerifiedSessions } from './verified-sessions.ts'
import { type AskOthers, createSessionVerifier, type SessionVerifier } from './verify-session.ts'

export interface SessionsOptions {
  readonly environment: Environment
  readonly settings: SessionSettings
  readonly keys: KeyMaterial
  /** Name of the claim that narrows the grant; null: none does. */
  readonly scopeClaim: string | null
  /** Key of the fingerprints that stand for tokens in logs. */
  readonly fingerprintKey: Uint8Array
  /** Current time in seconds since the epoch. */
  readonly now: () => number
  /** Asks whoever else may have a token on record. Default: nobody else has any. */
  readonly askOthers?: AskOthers
  /** Told of tokens that come on record, and of revocations. Default: nobody. */
  readonly onRecorded?: SessionRegistryOptions['onRecorded']
  readonly onRevoked?: SessionRegistryOptions['onRevoked']
  /** Told when published keys could not be had. Default: nobody. */
  readonly onKeyFailure?: (error: unknown) => void
}

/** Everything that one process knows about session tokens. */
export interface Sessions {
  readonly verifier: SessionVerifier
  readonly registry: SessionRegistry
  readonly ledger: Ledger
  /**
   * Takes up what others have on record about a token: where the record of this process contradicts it, theirs holds.
   *
   * @param text of the token, where it is known
   * @returns whether that was news
   */
  adopt(entry: LedgerEntry, text?: string): boolean
  readonly revocations: Revocations
  /** Whether tokens can be verified now. Where published keys are not known yet, they are asked for. */
  canVerify(): boolean
  /** How often a token had been verified before. */
  readonly cache: CacheCounts
  /**
   * Gets key material ready to replace the one in use.
   *
   * @returns replaces it, at once. Sessions verified with a key that is gone are asked for their signature again
   */
  prepareKeys(keys: KeyMaterial): Promise<() => void>
  /** Takes another claim for the one that narrows the grant; null: none does. Sessions that are known are read again. */
  useScopeClaim(name: string | null): void
}

export async function createSessions(options: SessionsOptions): Promise<Sessions> {
  const { environment, settings, now, onKeyFailure = () => {} } = options
  const { formats } = settings
  const verified = createVerifiedSessions()
  const ledger = createLedger()
  const revocations = createRevocations({ maxLifetimeSec: settings.maxLifetimeSec })
  const rejected = createRejectedTokens()
  const surroundings = { environment, now, onKeyFailure, onKeysChanged: () => verified.clear() }
  let { scopeClaim } = options
  let current: Authenticators = await createAuthenticators(settings, options.keys, surroundings)

  function adopt(entry: LedgerEntry, text?: string): boolean {
    const known = ledger.findByDigest(entry.digest)
    const merged = known ? mergeEntries(entry, known).entry : entry
    if (known && saySame(known, merged)) return false
    ledger.record(merged)
    // A session in the cache would go on as it was read before.
    if (text !== undefined) verified.remove(text)
    else if (known) verified.removeOf(known.provenance)
    return true
  }

  const shared = { ...settings, environment, verified, ledger, revocations, rejected, adopt }
  return {
    verifier: createSessionVerifier({
      ...shared,
      mode: settings.verify,
      ...(options.askOthers && { askOthers: options.askOthers }),
      authenticators: {
        jwt: token => (current.jwt ?? refuseFormat)(token),
        timestamped: token => (current.timestamped ?? refuseFormat)(token),
      },
      requiredClaims: settings.jwt,
      get scopeClaim() {
        return scopeClaim
      },
      fingerprintKey: options.fingerprintKey,
    }),
    registry: createSessionRegistry({
      ...shared,
      formats,
      now,
      askOthers: options.askOthers,
      onRecorded: options.onRecorded,
      onRevoked: options.onRevoked,
    }),
    ledger,
    adopt,
    revocations,
    cache: verified,
    canVerify: () => current.haveKeys?.() ?? true,
    async prepareKeys(keys) {
      const next = await createAuthenticators(settings, keys, surroundings)
      return () => {
        // Published keys are not in the key material: those that are known outlast a change of something else.
        current = settings.jwt.jwksUrl === null ? next : { ...next, ...jwtOf(current) }
        verified.clear()
      }
    },
    useScopeClaim(name) {
      if (name === scopeClaim) return
      scopeClaim = name
      verified.clear()
    },
  }
}

function jwtOf({ jwt, haveKeys }: Authenticators): Authenticators {
  return jwt && haveKeys ? { jwt, haveKeys } : {}
}

function refuseFormat(): { readonly reason: 'format_not_accepted' } {
  return { reason: 'format_not_accepted' }
}

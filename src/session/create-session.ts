import { createHmac } from 'node:crypto'
import type { Environment } from '../forage/environments.ts'
import type { ParsedToken } from './parsed-token.ts'
import type { Provenance, Session, TokenRefusal } from './session.ts'
import type { TokenTimes } from './times.ts'
import { tokenIdentity } from './token-identity.ts'

export interface SessionFacts {
  readonly environment: Environment
  /** Name of the claim that narrows the grant; null: none does. */
  readonly scopeClaim: string | null
  /** Key of the fingerprints that stand for tokens in logs. */
  readonly fingerprintKey: Uint8Array
}

/**
 * Makes the session that an authentic, timely token stands for.
 *
 * @param provenance what is on record about it, where that is what made it authentic
 */
export function createSession(
  token: ParsedToken,
  times: TokenTimes,
  facts: SessionFacts,
  provenance?: Provenance,
): Session | TokenRefusal {
  const scopeClaim = readScopeClaim(token, facts.scopeClaim)
  if (scopeClaim === null) return { reason: 'claims_invalid' }
  const identity = tokenIdentity(token.signedText)
  const { t: tenant } = token.claims
  return {
    format: token.format,
    environment: facts.environment,
    identity,
    fingerprint: fingerprint(identity, facts.fingerprintKey),
    issuedAt: times.issuedAt,
    expiresAt: times.expiresAt,
    narrowedTo: narrow(scopeClaim, provenance?.scopes),
    tenant: Number.isSafeInteger(tenant) ? (tenant as number) : undefined,
    provenance,
  }
}

/**
 * Reads a space-separated list of scopes (RFC 6749 §3.3).
 *
 * @returns undefined when the claim is absent, null when it is there and is no such list
 */
function readScopeClaim({ claims }: ParsedToken, name: string | null): readonly string[] | undefined | null {
  if (name === null || !Object.hasOwn(claims, name)) return undefined
  const value = claims[name]
  return typeof value === 'string' ? value.split(' ') : null
}

/** Both narrow: what is left is what stands in each list that there is. */
function narrow(
  claim: readonly string[] | undefined,
  recorded: readonly string[] | undefined,
): ReadonlySet<string> | undefined {
  if (claim === undefined || recorded === undefined) return claim || recorded ? new Set(claim ?? recorded) : undefined
  return new Set(claim.filter(scope => recorded.includes(scope)))
}

/** 96 bits: enough that no two sessions of one log share one. */
function fingerprint(identity: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(identity).digest('base64url').slice(0, 16)
}

import { createHmac } from 'node:crypto'
import type { Environment } from '../forage/environments.ts'
import type { ParsedToken } from './parsed-token.ts'
import type { Session, TokenRefusal } from './session.ts'
import type { TokenTimes } from './times.ts'

export interface SessionFacts {
  readonly environment: Environment
  /** Name of the claim that narrows the grant; null: none does. */
  readonly scopeClaim: string | null
  /** Key of the fingerprints that stand for tokens in logs. */
  readonly fingerprintKey: Uint8Array
}

/** Makes the session that an authentic, timely token stands for. */
export function createSession(token: ParsedToken, times: TokenTimes, facts: SessionFacts): Session | TokenRefusal {
  const scopeClaim = readScopeClaim(token, facts.scopeClaim)
  if (scopeClaim === null) return { reason: 'claims_invalid' }
  const { t: tenant } = token.claims
  return {
    format: token.format,
    environment: facts.environment,
    identity: token.signature.toString('base64url'),
    fingerprint: fingerprint(token.signature, facts.fingerprintKey),
    issuedAt: times.issuedAt,
    expiresAt: times.expiresAt,
    scopeClaim,
    tenant: Number.isSafeInteger(tenant) ? (tenant as number) : undefined,
  }
}

/**
 * Reads a space-separated list of scopes (RFC 6749 §3.3).
 *
 * @returns undefined when the claim is absent, null when it is there and is no such list
 */
function readScopeClaim({ claims }: ParsedToken, name: string | null): ReadonlySet<string> | undefined | null {
  if (name === null || !Object.hasOwn(claims, name)) return undefined
  const value = claims[name]
  return typeof value === 'string' ? new Set(value.split(' ')) : null
}

/** 96 bits: enough that no two sessions of one log share one. */
function fingerprint(signature: Uint8Array, key: Uint8Array): string {
  return createHmac('sha256', key).update(signature).digest('base64url').slice(0, 16)
}

import type { JsonObject } from './json-object.ts'

/** Claims that a JWT must have, where the operator says so. Forage's own tokens have neither. */
export interface RequiredClaims {
  /** Value of `iss` (RFC 7519 §4.1.1); null: not checked. */
  readonly issuer: string | null
  /** Value that `aud` is or holds (RFC 7519 §4.1.3); null: not checked. */
  readonly audience: string | null
}

export function hasRequiredClaims({ iss, aud }: JsonObject, { issuer, audience }: RequiredClaims): boolean {
  if (issuer !== null && iss !== issuer) return false
  return audience === null || aud === audience || (Array.isArray(aud) && aud.includes(audience))
}

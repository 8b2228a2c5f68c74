import type { ParsedToken } from './parsed-token.ts'
import type { TokenRefusal } from './session.ts'

/** Forage's documented life of a session token, in seconds. */
export const sessionLifetimeSec = 900

export interface TimeRules {
  /** Longest life that is accepted, in seconds. */
  readonly maxLifetimeSec: number
  /** By how many seconds the issuer's clock may differ from ours. It belongs to clocks, never to the lifetime. */
  readonly clockToleranceSec: number
}

/** When a token begins and ends, in seconds since the epoch. */
export interface TokenTimes {
  readonly issuedAt: number | undefined
  readonly notBefore: number | undefined
  readonly expiresAt: number
}

/**
 * Reads the times of a token. A JWT must say `exp` (RFC 7519 §4.1.4 leaves it optional; a token that never ends is
 * refused); a timestamped token says when it was issued, and lives as long as Forage's session tokens do, or for as long
 * as is accepted here.
 */
export function readTimes(
  { format, claims, issuedAt }: ParsedToken,
  { maxLifetimeSec }: Pick<TimeRules, 'maxLifetimeSec'>,
): TokenTimes | TokenRefusal {
  if (format === 'timestamped') {
    if (issuedAt === undefined) return { reason: 'claims_invalid' }
    return { issuedAt, notBefore: undefined, expiresAt: issuedAt + Math.min(sessionLifetimeSec, maxLifetimeSec) }
  }
  const { exp, iat, nbf } = claims
  if (!isTime(exp) || !isTimeOrAbsent(iat) || !isTimeOrAbsent(nbf)) return { reason: 'claims_invalid' }
  if (iat !== undefined && iat >= exp) return { reason: 'claims_invalid' }
  return { issuedAt: iat, notBefore: nbf, expiresAt: exp }
}

/** Judges the times of an authentic token against the clock. */
export function judgeTimes(times: TokenTimes, now: number, rules: TimeRules): TokenRefusal | undefined {
  const { issuedAt, notBefore, expiresAt } = times
  if (isOver(expiresAt, now, rules)) return { reason: 'token_expired' }
  if (issuedAt !== undefined && expiresAt - issuedAt > rules.maxLifetimeSec) return { reason: 'lifetime_exceeded' }
  if (Math.max(notBefore ?? 0, issuedAt ?? 0) > now + rules.clockToleranceSec) return { reason: 'token_not_yet_valid' }
  if (expiresAt - now > rules.maxLifetimeSec + rules.clockToleranceSec) return { reason: 'lifetime_exceeded' }
  return undefined
}

/** Whether a session is over. Asked for again on every request, also for a token that is in the cache. */
export function isOver(expiresAt: number, now: number, { clockToleranceSec }: TimeRules): boolean {
  return now >= expiresAt + clockToleranceSec
}

/** NumericDate, in whole seconds: a fraction or `1e400` has no use here and reads differently elsewhere. */
function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function isTimeOrAbsent(value: unknown): value is number | undefined {
  return value === undefined || isTime(value)
}

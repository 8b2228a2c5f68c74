import { isAuthenticationToken } from './token-shapes.ts'

/** Forage's bounds of an authentication token's life, in seconds: 1 to 30 days. */
export const authenticationTokenLifetimeSec: { readonly min: number; readonly max: number } = {
  min: 86_400,
  max: 2_592_000,
}

const maxAuthenticationTokenLength = 256
const maxSessionTokenLength = 8192

/**
 * Reads the answer of `POST /o/token/` (RFC 6749 §5.1), strictly: what we take for a token is sent as one.
 *
 * @param askedSec the life that was asked for: the life of the token where the answer does not say another
 * @returns undefined for anything that is no such answer
 */
export function readAuthenticationToken(
  text: string,
  askedSec: number,
): { readonly token: string; readonly lifetimeSec: number } | undefined {
  const { access_token: token, token_type: type, expires_in: lifetimeSec = askedSec } = readObject(text)
  if (typeof token !== 'string' || token.length > maxAuthenticationTokenLength || !isAuthenticationToken(token))
    return undefined
  // A type that is not known must not be used (RFC 6749 §7.1).
  if (type !== undefined && (typeof type !== 'string' || type.toLowerCase() !== 'bearer')) return undefined
  if (!Number.isSafeInteger(lifetimeSec) || (lifetimeSec as number) < 1) return undefined
  return { token, lifetimeSec: Math.min(lifetimeSec as number, authenticationTokenLifetimeSec.max) }
}

/** Reads the answer of `POST /api/session_token/`. An authentication token in its place must never reach an app. */
export function readSessionToken(text: string): { readonly token: string } | undefined {
  const { token } = readObject(text)
  if (typeof token !== 'string' || token.length > maxSessionTokenLength) return undefined
  return /^[a-z]+_[\x21-\x7e]+$/.test(token) && !isAuthenticationToken(token) ? { token } : undefined
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {}
  } catch {
    return {}
  }
}

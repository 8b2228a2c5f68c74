import type { CredentialKind } from './credential.ts'
import { isVaried } from './randomness.ts'

/**
 * Forage's documented life of a session token, in seconds. A timestamped token says when it began, not when it ends.
 */
const sessionLifetimeSec = 900

/** Eight octets of seconds would be far past the last date. */
const maxTimeOctets = 6

/** Characters of the shortest signature that is known: SHA-1, 20 octets. */
const minSignatureLength = 27

export interface SessionTokenFacts {
  readonly kind: Extract<CredentialKind, `session_token_${string}`>
  readonly isExpired: boolean
}

/**
 * Tells a session token from a text of the same shape. It is laxer than the gateway, which accepts one spelling only: a
 * token that was copied with its padding is a leak too.
 *
 * @param parts what stands between the dots, without the environment
 * @param now seconds since the epoch
 * @returns undefined when the parts are not those of a session token
 */
export function readSessionToken(
  [first, second, signature]: readonly [string, string, string],
  now: number,
): SessionTokenFacts | undefined {
  if (signature.length < minSignatureLength || !isVaried(signature)) return undefined
  const head = readJson(first)
  if (!head) return undefined
  if (typeof head.alg !== 'string') return readTimestamped(second, now)
  const claims = readJson(second)
  if (!claims) return undefined
  return { kind: 'session_token_jwt', isExpired: typeof claims.exp === 'number' && claims.exp <= now }
}

function readTimestamped(time: string, now: number): SessionTokenFacts | undefined {
  const octets = Buffer.from(time, 'base64url')
  if (octets.length === 0 || octets.length > maxTimeOctets) return undefined
  const issuedAt = octets.readUIntBE(0, octets.length)
  return { kind: 'session_token_timestamped', isExpired: issuedAt + sessionLifetimeSec <= now }
}

function readJson(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

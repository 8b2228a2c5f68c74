import { decodeBase64url, decodePaddedBase64url, explainRefusal } from './base64url.ts'
import { parseJsonObject } from './json-object.ts'
import type { ParsedToken } from './parsed-token.ts'
import type { TokenRefusal } from './session.ts'

/** Octets of a signature by SHA-1, SHA-256 and SHA-512. */
const signatureLengths = [20, 32, 64]

/** Eight octets of seconds would be far past the last date; six are room enough and stay exact in a double. */
const maxTimeOctets = 6

/**
 * Reads a token of Python's `TimestampSigner`: `payload.time.signature`, the payload being base64url that keeps its
 * padding, the time big-endian seconds without leading zero octets, as base64url without padding.
 *
 * @see {@link https://itsdangerous.palletsprojects.com/en/stable/timed/ | itsdangerous}
 */
export function parseTimestamped(payload: string, time: string, signature: Buffer): ParsedToken | TokenRefusal {
  const octets = decodePaddedBase64url(payload)
  if (!octets) return { reason: explainRefusal(payload) }
  const claims = parseJsonObject(octets)
  if (claims === 'duplicate') return { reason: 'token_not_canonical' }
  // With `alg` it would be the header of a JWT to another reader.
  if (!claims || Object.hasOwn(claims, 'alg')) return { reason: 'token_malformed' }
  if (!signatureLengths.includes(signature.length)) return { reason: 'token_malformed' }

  const timeOctets = decodeBase64url(time)
  if (!timeOctets) return { reason: explainRefusal(time) }
  if (timeOctets.length > maxTimeOctets) return { reason: 'token_malformed' }
  // A leading zero octet is a second spelling of the same time.
  if (timeOctets[0] === 0) return { reason: 'token_not_canonical' }
  const issuedAt = timeOctets.readUIntBE(0, timeOctets.length)
  return { format: 'timestamped', signedText: `${payload}.${time}`, signature, header: {}, claims, issuedAt }
}

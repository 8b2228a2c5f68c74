import { decodeBase64url, explainRefusal } from './base64url.ts'
import { type JsonObject, parseJsonObject } from './json-object.ts'
import type { ParsedToken } from './parsed-token.ts'
import { isRefusal, type TokenRefusal } from './session.ts'

/**
 * Header parameters that change what the other parts mean. Forage uses none of them, and a verifier that overlooks
 * one reads another token than its issuer wrote (RFC 7515 §4.1.11, RFC 7797, RFC 7516 §4.1.3).
 */
const refusedParameters = ['crit', 'b64', 'zip', 'enc']

/** Reads the header and the claims of a JWT whose signature part is already decoded. */
export function parseJwt(header: string, claims: string, signature: Buffer): ParsedToken | TokenRefusal {
  const joseHeader = parseJoseHeader(header)
  if (isRefusal(joseHeader)) return joseHeader
  const claimsSet = readPart(claims)
  if (isRefusal(claimsSet)) return claimsSet
  return {
    format: 'jwt',
    signedText: `${header}.${claims}`,
    signature,
    header: joseHeader.object,
    claims: claimsSet.object,
    issuedAt: undefined,
  }
}

interface Part {
  readonly object: JsonObject
}

/** The header that was read last: an issuer writes the same into all its tokens, and a flood of made-up ones imitates it. */
let latest: { readonly text: string; readonly header: Part } | undefined

/** Tells the two formats of three parts apart. Only the first part of a JWT is a JOSE header, which always has `alg`. */
export function isJoseHeader(text: string): boolean {
  if (text === latest?.text) return true
  return !text.endsWith('=') && Buffer.from(text, 'base64url').includes('"alg"')
}

/** Reads the first part of a JWS (RFC 7515 §4). */
export function parseJoseHeader(text: string): Part | TokenRefusal {
  if (text === latest?.text) return latest.header
  const header = readJoseHeader(text)
  // A copy: a slice would keep the whole token in memory.
  if (!isRefusal(header) && isJoseHeader(text))
    latest = { text: Buffer.from(text, 'latin1').toString('latin1'), header }
  return header
}

function readJoseHeader(text: string): Part | TokenRefusal {
  const header = readPart(text)
  if (isRefusal(header)) return header
  if (refusedParameters.some(name => Object.hasOwn(header.object, name))) return { reason: 'token_malformed' }
  const { typ } = header.object
  const isJwt = typ === undefined || (typeof typ === 'string' && typ.toUpperCase() === 'JWT')
  return isJwt ? header : { reason: 'token_malformed' }
}

function readPart(text: string): Part | TokenRefusal {
  const octets = decodeBase64url(text)
  if (!octets) return { reason: explainRefusal(text) }
  const object = parseJsonObject(octets)
  if (object === 'duplicate') return { reason: 'token_not_canonical' }
  return object ? { object } : { reason: 'token_malformed' }
}

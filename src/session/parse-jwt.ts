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

/** Reads the first part of a JWS (RFC 7515 §4). */
export function parseJoseHeader(text: string): { readonly object: JsonObject } | TokenRefusal {
  const header = readPart(text)
  if (isRefusal(header)) return header
  if (refusedParameters.some(name => Object.hasOwn(header.object, name))) return { reason: 'token_malformed' }
  const { typ } = header.object
  const isJwt = typ === undefined || (typeof typ === 'string' && typ.toUpperCase() === 'JWT')
  return isJwt ? header : { reason: 'token_malformed' }
}

function readPart(text: string): { readonly object: JsonObject } | TokenRefusal {
  const octets = decodeBase64url(text)
  if (!octets) return { reason: explainRefusal(text) }
  const object = parseJsonObject(octets)
  if (object === 'duplicate') return { reason: 'token_not_canonical' }
  return object ? { object } : { reason: 'token_malformed' }
}

import { decodeBase64url } from '../session/base64url.ts'
import { type JsonObject, parseJsonObject } from '../session/json-object.ts'
import type { ParsedToken } from '../session/parsed-token.ts'
import { hasRequiredClaims } from '../session/required-claims.ts'

/** Why a token of the merchant's sign-in is not accepted. For logs: callers are told one thing only. */
export type SignInFault =
  | 'malformed'
  | 'algorithm_not_allowed'
  | 'signature_invalid'
  | 'keys_unavailable'
  | 'issuer'
  | 'audience'
  | 'expired'
  | 'not_yet_valid'
  | 'times_invalid'
  | 'customer_missing'

/** Header parameters that change what the other parts mean: one that is overlooked makes another token of it. */
const refusedParameters = ['crit', 'b64', 'zip', 'enc']

/** Explicit types (RFC 8725 §3.11): a token that is for something else, such as a logout, signs nobody in. */
const acceptedTypes = /^(?:application\/)?(?:jwt|at\+jwt)$/i

/**
 * Takes a compact JWS apart (RFC 7515 §7.1), and accepts one spelling of it only.
 *
 * @returns undefined for anything else
 */
export function parseSignInToken(text: string): ParsedToken | undefined {
  const [first = '', second = '', third = '', ...more] = text.split('.')
  const signature = decodeBase64url(third)
  if (more.length > 0 || !signature || signature.length === 0) return undefined
  const header = readPart(first)
  const claims = readPart(second)
  if (!header || !claims || refusedParameters.some(name => Object.hasOwn(header, name))) return undefined
  const { typ = 'JWT' } = header
  if (typeof typ !== 'string' || !acceptedTypes.test(typ)) return undefined
  return { format: 'jwt', signedText: `${first}.${second}`, signature, header, claims, issuedAt: undefined }
}

function readPart(text: string): JsonObject | undefined {
  const octets = decodeBase64url(text)
  const object = octets && parseJsonObject(octets)
  return object === 'duplicate' ? undefined : object
}

export interface SignInRules {
  /** Required value of `iss`. */
  readonly issuer: string
  /** Value that `aud` is or holds. */
  readonly audience: string
  /** Claim that names the customer. */
  readonly customerClaim: string
}

/** Who signed in, and for how long. */
export interface SignedIn {
  readonly customer: string
  /** Seconds since the epoch. */
  readonly notBefore: number
  readonly expiresAt: number
}

const maxCustomerLength = 256

/** Reads the claims of a token whose signature is verified. Times are judged by {@link judgeSignIn}. */
export function readSignIn(
  claims: JsonObject,
  { issuer, audience, customerClaim }: SignInRules,
): SignedIn | SignInFault {
  if (!hasRequiredClaims(claims, { issuer, audience: null })) return 'issuer'
  if (!hasRequiredClaims(claims, { issuer: null, audience })) return 'audience'
  const { exp, nbf = 0, iat = 0 } = claims
  if (![exp, nbf, iat].every(Number.isSafeInteger)) return 'times_invalid'
  const customer = Object.hasOwn(claims, customerClaim) ? claims[customerClaim] : undefined
  if (typeof customer !== 'string' || customer === '' || customer.length > maxCustomerLength) return 'customer_missing'
  return { customer, notBefore: Math.max(nbf as number, iat as number), expiresAt: exp as number }
}

/** Judged on every request, also for a token that was verified before. */
export function judgeSignIn(
  { notBefore, expiresAt }: Pick<SignedIn, 'notBefore' | 'expiresAt'>,
  now: number,
  clockToleranceSec: number,
): SignInFault | undefined {
  if (now >= expiresAt + clockToleranceSec) return 'expired'
  return notBefore > now + clockToleranceSec ? 'not_yet_valid' : undefined
}

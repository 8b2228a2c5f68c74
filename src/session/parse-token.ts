import { type Environment, environments } from '../forage/environments.ts'
import { decodeBase64url, explainRefusal } from './base64url.ts'
import { isJoseHeader, parseJwt } from './parse-jwt.ts'
import { parseTimestamped } from './parse-timestamped.ts'
import type { ParsedToken } from './parsed-token.ts'
import type { TokenRefusal } from './session.ts'

/** Longest token text that is looked at. The longest one known has 123 characters. */
export const maxTokenLength = 8192

const separator = '_'

/**
 * Takes a session token apart, and accepts exactly one spelling of it.
 *
 * @param text the token as it stands after `Bearer `
 * @param environment the only environment whose tokens are accepted; compared with case
 */
export function parseToken(text: string, environment: Environment): ParsedToken | TokenRefusal {
  if (text.length > maxTokenLength) return { reason: 'token_malformed' }
  const prefix = `${environment}${separator}`
  if (!text.startsWith(prefix)) return { reason: namesAnEnvironment(text) ? 'environment_mismatch' : 'token_malformed' }

  const body = text.slice(prefix.length)
  // A prefix within the prefix: what is left would be another token for whoever strips twice.
  if (namesAnEnvironment(body)) return { reason: 'token_malformed' }
  const [first, second, third, ...more] = body.split('.')
  if (!first || !second || !third || more.length > 0) return { reason: 'token_malformed' }

  const signature = decodeBase64url(third)
  if (!signature) return { reason: explainRefusal(third) }
  return isJoseHeader(first) ? parseJwt(first, second, signature) : parseTimestamped(first, second, signature)
}

function namesAnEnvironment(text: string): boolean {
  const name = text.slice(0, text.indexOf(separator) + 1).toLowerCase()
  return environments.some(environment => name === environment + separator)
}

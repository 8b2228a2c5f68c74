import { findToken } from '../forage/token-shapes.ts'
import { decodeRepeatedly } from './second-credentials.ts'
import { pathOf } from './target.ts'

/** Longest path that an error body repeats, in characters. */
const maxPathLength = 1024

/**
 * The path for the error envelope. What may be a secret is not repeated, percent-encoded or not: error bodies end up in
 * the logs of others. Then it is `/`.
 *
 * @param target as it was received
 */
export function envelopePath(target: string): string {
  const path = pathOf(target)
  // All of it: what is cut off within a token would not be known for one.
  return mayHoldSecret(decodeRepeatedly(path)) ? '/' : path.slice(0, maxPathLength)
}

/** Card numbers have 12 digits at least. */
const cardNumber = /\d{12}/

/** User names and passwords of URLs, and the pairs of a query whose question mark was encoded, or of a path parameter. */
const beyondPath = /[@?=]/

/** Keys and secrets are long, and have letters and digits. No segment of Forage's paths is so long. */
const longWord = /[A-Za-z0-9._~+-]{32,}/g

function mayHoldSecret(text: string): boolean {
  if (beyondPath.test(text) || cardNumber.test(text) || findToken(text) !== undefined) return true
  return text.match(longWord)?.some(word => /\d/.test(word) && /[A-Za-z]/.test(word)) ?? false
}

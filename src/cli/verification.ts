import type { Config } from '../config/config.ts'

/** What makes a session token authentic here, in words that promise no more than is checked. */
export function describeVerification({ session }: Config): string {
  return `verified by ${session.verify}: each token was made by a holder of the configured ${session.jwt.algorithms.join(' or ')} secret`
}

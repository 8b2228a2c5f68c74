import { describeTime } from './times.ts'
import { readTokenFacts, type TokenFacts } from './token-facts.ts'

/** What a token says of itself, proved or not. Neither its claims, which hold a key of the session, nor its signature. */
export type ExplainedToken = Pick<TokenFacts, 'kind' | 'environment' | 'format' | 'issuedAt' | 'expiresAt'>

/** @param text what stands after `Bearer ` */
export function explainToken(text: string): ExplainedToken {
  const { kind, environment, format, issuedAt, expiresAt } = readTokenFacts(text)
  return { kind, environment, format, issuedAt, expiresAt }
}

/** `jwt of sandbox, expired 2026-11-22T12:00:00Z (5 minutes ago)`. @param now seconds since the epoch */
export function describeToken({ kind, environment, format, expiresAt }: ExplainedToken, now: number): string {
  const what = format ?? (kind === 'unknown' ? 'no token of Forage' : `${kind} token`)
  const origin = environment === null ? '' : ` of ${environment}`
  if (expiresAt === null) return `${what}${origin}`
  return `${what}${origin}, ${expiresAt > now ? 'expires' : 'expired'} ${describeTime(expiresAt, now)}`
}

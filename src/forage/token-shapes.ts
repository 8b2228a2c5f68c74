import { environments } from './environments.ts'

/** What a text that carries a Forage token carries. */
export type TokenKind = 'authentication' | 'session'

const prefix = `(?:${environments.join('|')})_`

// An authentication token has no dot. Its documented length is 30, but where a credential belongs any length counts.
const authenticationToken = new RegExp(`^${prefix}[A-Za-z0-9]+$`, 'i')

// In places where no credential belongs only the full documented shape counts, so that an Idempotency-Key such as
// `prod_1234` passes. The look-behind and look-ahead keep a longer word from matching in its middle, and the first part
// of a session token from being taken for the whole.
const embeddedAuthenticationToken = new RegExp(
  `(?<![A-Za-z0-9])${prefix}[A-Za-z0-9]{30}(?![A-Za-z0-9_-]|={0,2}\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-])`,
  'i',
)

// The first of three parts, found before it is searched for its prefix: one expression for both would start over at
// every prefix of `dev_dev_dev_…`, and cost the square of the text's length.
const firstParts = /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]+(?=={0,2}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-])/g
const sessionTokenStart = new RegExp(`(?<![A-Za-z0-9])${prefix}[A-Za-z0-9_-]{8}`, 'i')

/**
 * Whether the whole text is an authentication token of any environment. The environment is compared without case:
 * one SDK lower-cases it, so `PROD_…` is a live credential too.
 */
export function isAuthenticationToken(text: string): boolean {
  return authenticationToken.test(text)
}

/** Whether an authentication token in its full documented shape stands somewhere inside a text. */
export function holdsAuthenticationToken(text: string): boolean {
  return text.includes('_') && embeddedAuthenticationToken.test(text)
}

/** The kind of Forage token that stands somewhere inside a text, the long-lived kind first; undefined: none. */
export function findToken(text: string): TokenKind | undefined {
  if (!text.includes('_')) return undefined
  if (embeddedAuthenticationToken.test(text)) return 'authentication'
  return text.match(firstParts)?.some(part => sessionTokenStart.test(part)) ? 'session' : undefined
}

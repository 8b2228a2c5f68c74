import { isAuthenticationToken } from './token-shapes.ts'

/** What an answer that is no success says of itself. Empty texts where it says nothing. */
export interface ErrorAnswer {
  /** The first error's code, or that of OAuth (RFC 6749 §5.2). As it came: only to be compared. */
  readonly code: string
  /** What the first error is about, in Forage's words. As it came. */
  readonly resource: string
  /** All sentences. As they came: they may repeat what was sent. */
  readonly words: string
}

type Members = Readonly<Record<string, unknown>>

/** Reads Forage's envelope, and the shapes of OAuth and of Django's REST framework that stand in for it. */
export function readErrorAnswer(text: string): ErrorAnswer {
  const { error, error_description: description, errors, detail } = parseMembers(text)
  const first = membersOf(Array.isArray(errors) ? errors[0] : undefined)
  const message = Array.isArray(errors) ? first.message : detail
  return {
    code: textOf(first.code) || textOf(error),
    resource: textOf(membersOf(first.source).resource),
    words: [description, message].map(textOf).join(' '),
  }
}

/**
 * A code that may be logged: a word as Forage and OAuth have them, and no place for anything that was sent. Client ids,
 * secrets and tokens are random, so they have digits or capitals; what looks like a token is left out all the same.
 */
export function plainCode(code: string): string | undefined {
  return /^[a-z]+(?:_[a-z]+)*$/.test(code) && code.length <= 40 && !isAuthenticationToken(code) ? code : undefined
}

function parseMembers(text: string): Members {
  try {
    return membersOf(JSON.parse(text))
  } catch {
    return {}
  }
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {}
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

import { findToken, holdsAuthenticationToken, isAuthenticationToken, type TokenKind } from '../forage/token-shapes.ts'
import { credentialNamed } from './credential-names.ts'

/*
 * Where a credential can hide besides the Authorization field. Each function says which kind it found: an
 * authentication token (or OAuth client credentials) is blocked as such wherever it stands; anything else that belongs
 * in Authorization makes a second credential.
 */

/**
 * The Authorization field itself. Basic and Digest carry a client id and secret; a bearer token without a dot is
 * long-lived. Its one session token is no second credential.
 */
export function inAuthorization(value: string): 'authentication' | undefined {
  if (/(?:^|,)\s*(?:basic|digest)(?:\s|$)/i.test(value) || isAuthenticationToken(value.replace(/^[a-z]+\s+/i, ''))) {
    return 'authentication'
  }
  return holdsAuthenticationToken(value) ? 'authentication' : undefined
}

/** A field in which clients put a credential. Its name is enough: any value counts, but an empty one is none. */
export function inCredentialField(value: string): TokenKind | undefined {
  if (value === '') return undefined
  return inAuthorization(value) ?? 'session'
}

/** A field of any other purpose: only what has the shape of a token counts, percent-encoded or not. */
export function inOtherField(value: string): TokenKind | undefined {
  return findToken(decodeRepeatedly(value))
}

/** Cookies: `name=value; name=value`. Others than the ones that carry a credential are no business of ours. */
export function inCookies(value: string): TokenKind | undefined {
  return strongest(value.split(';'), pair => inPair(pair.trim(), 'cookie'))
}

/** The request-target: its path, and the pairs of its query. Anything may stand there; nothing is refused here. */
export function inTarget(target: string): TokenKind | undefined {
  const mark = target.indexOf('?')
  if (mark < 0) return findToken(decodeRepeatedly(target))
  const inPath = findToken(decodeRepeatedly(target.slice(0, mark)))
  if (inPath === 'authentication') return inPath
  return strongest(target.slice(mark + 1).split(/[&;]/), pair => inPair(pair, 'query')) ?? inPath
}

function inPair(text: string, place: 'query' | 'cookie'): TokenKind | undefined {
  const pair = decodeRepeatedly(text)
  const equals = pair.indexOf('=')
  const named = equals < 0 ? undefined : credentialNamed(pair.slice(0, equals).trim(), place)
  const value = pair.slice(equals + 1)
  if (named === undefined || value === '') return findToken(pair)
  return named === 'client' ? 'authentication' : inCredentialField(value)
}

function strongest(texts: readonly string[], find: (text: string) => TokenKind | undefined): TokenKind | undefined {
  let found: TokenKind | undefined
  for (const text of texts) {
    const kind = find(text)
    if (kind === 'authentication') return kind
    found ??= kind
  }
  return found
}

/**
 * Decodes percent-encoding until nothing changes, at most four times: `sandbox%255F…` is a token to whoever decodes
 * twice. Only ASCII matters, so octets are taken one by one and a stray "%" stays.
 */
export function decodeRepeatedly(text: string): string {
  let decoded = text
  for (let round = 0; round < 4 && decoded.includes('%'); round++) {
    const next = decoded.replace(/%([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    if (next === decoded) break
    decoded = next
  }
  return decoded
}

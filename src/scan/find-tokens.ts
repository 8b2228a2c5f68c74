import { type Environment, environments } from '../forage/environments.ts'
import { findToken, isAuthenticationToken } from '../forage/token-shapes.ts'
import type { FoundCredential, TextWindow } from './credential.ts'
import { mask } from './mask.ts'
import { looksRandomOf62 } from './randomness.ts'
import { readSessionToken } from './read-session-token.ts'

/** Letters and digits behind the environment of an authentication token. */
const authenticationLength = 30

/** Characters of the longest session token that the gateway looks at. The longest one known has 123. */
const maxSessionTokenLength = 8192

// The underscore first: there are few of them with the right text behind, and the engine looks for one character faster
// than for seven words without case. Both formats of session tokens begin with `{"` in base64url.
const afterEnvironment = /_(?=[A-Za-z0-9]{30}|eyJ)/g
const environmentAtEnd = new RegExp(`(?:${environments.join('|')})$`, 'i')
const longestEnvironment = Math.max(...environments.map(name => name.length))

const run = /[A-Za-z0-9_-]*/y
const restOfSessionToken = /={0,2}\.([A-Za-z0-9_-]+)={0,2}\.([A-Za-z0-9_-]+)/y

/** What may stand before a token as the end of an escape: `\n` in JSON, `%3D` in a URL, `\u003d`. */
const escapeAtEnd = /(?:\\[nrt]|%[0-9a-f]{2}|\\u00[0-9a-f]{2}|\\x[0-9a-f]{2})$/i
const escapeLength = 6

/** Finds the authentication tokens and the session tokens that begin in a part of a text. */
export function findTokens({ text, from, to, now }: TextWindow): FoundCredential[] {
  const found: FoundCredential[] = []
  const firstParts = createRuns(text)
  afterEnvironment.lastIndex = from
  for (let hit = afterEnvironment.exec(text); hit; hit = afterEnvironment.exec(text)) {
    const prefix = readPrefix(text, hit.index)
    if (!prefix) continue
    if (prefix.start >= to) break
    if (prefix.start < from) continue
    const credential = text.startsWith('eyJ', prefix.end)
      ? sessionTokenAt(text, prefix, firstParts, now)
      : authenticationTokenAt(text, prefix)
    if (!credential) continue
    found.push(credential)
    afterEnvironment.lastIndex = credential.end
  }
  return found
}

/** The name of an environment and its underscore. */
interface Prefix {
  readonly environment: Environment
  readonly start: number
  /** Behind the underscore. */
  readonly end: number
}

function readPrefix(text: string, underscore: number): Prefix | undefined {
  const before = text.slice(Math.max(0, underscore - longestEnvironment), underscore)
  const name = environmentAtEnd.exec(before)?.[0]
  if (name === undefined) return undefined
  const start = underscore - name.length
  if (endsWord(text.slice(Math.max(0, start - escapeLength), start))) return undefined
  return { environment: name.toLowerCase() as Environment, start, end: underscore + 1 }
}

/** Whether a text ends within a word, so that what follows is its end and no prefix. */
function endsWord(text: string): boolean {
  return /[A-Za-z0-9]$/.test(text) && !escapeAtEnd.test(text)
}

function authenticationTokenAt(text: string, { environment, start, end }: Prefix): FoundCredential | undefined {
  const body = text.slice(end, end + authenticationLength)
  if (!isAuthenticationToken(text.slice(start, end) + body) || body.length < authenticationLength) return undefined
  if (/[A-Za-z0-9_-]/.test(text[end + authenticationLength] ?? '') || !looksRandomOf62(body)) return undefined
  return {
    kind: 'authentication_token',
    environment,
    isExpired: false,
    start,
    end: end + authenticationLength,
    masked: mask(body, `${environment}_`),
  }
}

function sessionTokenAt(text: string, prefix: Prefix, firstParts: Runs, now: number): FoundCredential | undefined {
  const { environment, start, end } = prefix
  const firstEnd = firstParts.endOf(end)
  if (firstEnd === undefined) return undefined
  restOfSessionToken.lastIndex = firstEnd
  const rest = restOfSessionToken.exec(text)
  if (!rest || restOfSessionToken.lastIndex - start > maxSessionTokenLength) return undefined
  const token = text.slice(start, restOfSessionToken.lastIndex)
  if (findToken(token) !== 'session') return undefined
  const first = text.slice(end, firstEnd)
  const facts = readSessionToken([first, rest[1] as string, rest[2] as string], now)
  if (!facts) return undefined
  return { ...facts, environment, start, end: start + token.length, masked: mask(first, `${environment}_`) }
}

/** Runs of base64url letters, one after the other. */
interface Runs {
  /** Where the run ends that `start` is in; undefined once that run has been asked for too often. */
  endOf(start: number): number | undefined
}

/** `dev_eyJdev_eyJ…` has a prefix every seven characters: reading to its end from each would cost the square. */
const maxPrefixesPerRun = 4

function createRuns(text: string): Runs {
  let end = -1
  let prefixes = 0
  return {
    endOf(start) {
      if (start >= end) {
        run.lastIndex = start
        run.exec(text)
        end = run.lastIndex
        prefixes = 0
      }
      prefixes++
      return prefixes > maxPrefixesPerRun ? undefined : end
    },
  }
}

import { type Environment, environments } from '../forage/environments.ts'
import { isAuthenticationToken } from '../forage/token-shapes.ts'
import type { JsonObject } from '../session/json-object.ts'
import { parseToken } from '../session/parse-token.ts'
import type { ParsedToken } from '../session/parsed-token.ts'
import { isRefusal, type TokenFormat, type TokenReason } from '../session/session.ts'
import { readTimes, sessionLifetimeSec } from '../session/times.ts'

/** What a token says of itself. Nothing of it is proved, and nothing in here can be used as a credential. */
export interface TokenFacts {
  readonly kind: 'session' | 'authentication' | 'unknown'
  readonly environment: Environment | null
  readonly format: TokenFormat | null
  /** Whether the text is the one spelling that the gateway accepts. */
  readonly canonical: boolean
  /** Why it is not. */
  readonly reason: TokenReason | null
  readonly header: JsonObject | null
  readonly claims: JsonObject | null
  /** Seconds since the epoch. */
  readonly issuedAt: number | null
  readonly expiresAt: number | null
}

const nothing = { format: null, header: null, claims: null, issuedAt: null, expiresAt: null }

/** Reads a token of any environment. */
export function readTokenFacts(text: string): TokenFacts {
  const environment = environmentOf(text)
  if (isAuthenticationToken(text))
    return { ...nothing, kind: 'authentication', environment, canonical: environment !== null, reason: null }
  const parsed = parseToken(text, environment ?? 'prod')
  if (!isRefusal(parsed)) return { ...describeParsed(parsed), environment }
  // Three parts are meant as a session token, however badly it is spelled.
  const kind = environment !== null && text.split('.').length === 3 ? 'session' : 'unknown'
  return { ...nothing, kind, environment, canonical: false, reason: parsed.reason }
}

function environmentOf(text: string): Environment | null {
  return environments.find(name => text.startsWith(`${name}_`)) ?? null
}

function describeParsed(token: ParsedToken): Omit<TokenFacts, 'environment'> {
  const times = readTimes(token, { maxLifetimeSec: sessionLifetimeSec })
  const { issuedAt, expiresAt } = isRefusal(times) ? {} : times
  return {
    kind: 'session',
    format: token.format,
    canonical: true,
    reason: null,
    header: token.format === 'jwt' ? token.header : null,
    claims: maskSecrets(token.claims),
    issuedAt: issuedAt ?? null,
    expiresAt: expiresAt ?? null,
  }
}

/** The claim `sk` is a key of the session: whoever has it needs no token. */
function maskSecrets(claims: JsonObject): JsonObject {
  return JSON.parse(
    JSON.stringify(claims, (name, value: unknown) => (name === 'sk' ? '(hidden)' : value)),
  ) as JsonObject
}

import type { Policy } from '../gate/policy.ts'
import { maxTokenLength } from '../session/parse-token.ts'
import { isRefusal } from '../session/session.ts'
import type { SessionRegistry, TokenOrigin } from '../session/session-registry.ts'
import { type AdminRoute, invalidInput } from './admin-call.ts'
import { type Input, readInput, readText, readTexts } from './read-input.ts'

const members = ['token', 'useCase', 'scopes', 'merchantAccount', 'authenticationToken']

/** The names that a policy has. */
export type KnownNames = Pick<Policy, 'scopes' | 'useCases'>

export interface TokenRouteParts {
  /**
   * The one in force: a token cannot be narrowed to a scope that does not exist; where use cases are listed, it must have
   * one of these, since a misspelt one would get the default grant.
   */
  readonly policy: () => KnownNames
  /** Resolves once the other replicas know, or cannot be told. Default: there are none. */
  readonly settled?: () => Promise<void>
  /** Told of tokens that came on record, and of their use cases. Default: nobody. */
  readonly onRegistered?: (count: number, useCases: readonly string[]) => void
}

interface NamedToken {
  readonly token: string
  readonly origin: TokenOrigin
}

/**
 * `POST /tokens`: the merchant's backend puts the session tokens that it got from Forage on record. The body is one
 * `{"token", "useCase"?, "scopes"?, "merchantAccount"?, "authenticationToken"?}` or `{"tokens": [ … ]}`. The first one that
 * cannot be let in is named; those before it are on record.
 *
 */
export function tokenRoutes(registry: SessionRegistry, parts: TokenRouteParts): readonly AdminRoute[] {
  const { policy, settled = async () => {}, onRegistered = () => {} } = parts
  return [
    {
      method: 'POST',
      path: '/tokens',
      isProtected: true,
      async answer({ body }) {
        const tokens = readTokens(body).map((item, index) => readToken(item, `tokens[${index}]`, policy()))
        // Registering is idempotent, so that a caller who is told of a bad one may send them all again.
        const ends = tokens.map(({ token, origin }, index) => register(registry, token, origin, index))
        await settled()
        onRegistered(ends.length, [...new Set(tokens.flatMap(({ origin }) => origin.useCase ?? []))])
        return {
          status: 201,
          body: { registered: ends.length, expires_at: ends.map(end => new Date(end * 1000).toISOString()) },
        }
      },
    },
  ]
}

function readTokens(body: unknown): readonly unknown[] {
  if (typeof body !== 'object' || body === null || !('tokens' in body)) return [body]
  const { tokens } = readInput(body, 'The body', ['tokens'])
  if (!Array.isArray(tokens)) throw invalidInput('"tokens" must be a list.')
  return tokens
}

function readToken(item: unknown, where: string, { scopes, useCases }: KnownNames): NamedToken {
  const input: Input = readInput(item, where, members)
  const token = readText(input, 'token', maxTokenLength)
  if (token === undefined) throw invalidInput(`${where} has no "token".`)
  const narrowed = readTexts(input, 'scopes')
  if (narrowed?.some(scope => !scopes.includes(scope))) {
    throw invalidInput(`${where} names a scope that the policy does not have: use ${scopes.join(', ')}.`)
  }
  const useCase = readText(input, 'useCase')
  if (useCase !== undefined && useCases.size > 0 && !useCases.has(useCase)) {
    throw invalidInput(
      `${where} names a use case that the policy does not have: use ${[...useCases.keys()].join(', ')}.`,
    )
  }
  const origin = {
    useCase,
    scopes: narrowed,
    merchantAccount: readText(input, 'merchantAccount'),
    authenticationToken: readText(input, 'authenticationToken', maxTokenLength),
  }
  return { token, origin }
}

function register(registry: SessionRegistry, token: string, origin: TokenOrigin, index: number): number {
  const recorded = registry.record(token, origin)
  if (isRefusal(recorded))
    throw invalidInput(`tokens[${index}] is no session token that can be let in: ${recorded.reason}.`)
  return recorded.expiresAt
}

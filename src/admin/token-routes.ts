import { maxTokenLength } from '../session/parse-token.ts'
import { isRefusal } from '../session/session.ts'
import type { SessionRegistry, TokenOrigin } from '../session/session-registry.ts'
import { type AdminRoute, invalidInput } from './admin-call.ts'
import { type Input, readInput, readText, readTexts } from './read-input.ts'

const members = ['token', 'useCase', 'scopes', 'merchantAccount', 'authenticationToken']

interface NamedToken {
  readonly token: string
  readonly origin: TokenOrigin
}

/**
 * `POST /tokens`: the merchant's backend puts the session tokens that it got from Forage on record. The body is one
 * `{"token", "useCase"?, "scopes"?, "merchantAccount"?, "authenticationToken"?}` or `{"tokens": [ … ]}`. The first one that
 * cannot be let in is named; those before it are on record.
 *
 * @param scopes of the policy: a token cannot be narrowed to one that does not exist
 */
export function tokenRoutes(registry: SessionRegistry, scopes: readonly string[]): readonly AdminRoute[] {
  return [
    {
      method: 'POST',
      path: '/tokens',
      isProtected: true,
      answer({ body }) {
        const tokens = readTokens(body).map((item, index) => readToken(item, `tokens[${index}]`, scopes))
        // Registering is idempotent, so that a caller who is told of a bad one may send them all again.
        const ends = tokens.map(({ token, origin }, index) => register(registry, token, origin, index))
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

function readToken(item: unknown, where: string, scopes: readonly string[]): NamedToken {
  const input: Input = readInput(item, where, members)
  const token = readText(input, 'token', maxTokenLength)
  if (token === undefined) throw invalidInput(`${where} has no "token".`)
  const narrowed = readTexts(input, 'scopes')
  if (narrowed?.some(scope => !scopes.includes(scope))) {
    throw invalidInput(`${where} names a scope that the policy does not have: use ${scopes.join(', ')}.`)
  }
  const origin = {
    useCase: readText(input, 'useCase'),
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

import type { Policy } from '../gate/policy.ts'
import type { FixedMember } from '../session/merge-entries.ts'
import { maxTokenLength } from '../session/parse-token.ts'
import type { SessionRegistry, TokenOrigin } from '../session/session-registry.ts'
import { AdminRefusal, type AdminRoute, invalidInput } from './admin-call.ts'
import { type Input, readInput, readText, readTexts } from './read-input.ts'

const members = ['token', 'useCase', 'scopes', 'merchantAccount', 'authenticationToken']

/** The names that a policy has. */
export type KnownNames = Pick<Policy, 'scopes' | 'useCases' | 'defaultScopes'>

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

const memberNames: Readonly<Record<FixedMember, string>> = {
  useCase: 'use case',
  merchantAccount: 'merchant account',
  parent: 'authentication token',
}

/**
 * `POST /tokens`: the merchant's backend puts the session tokens that it got from Forage on record. The body is one
 * `{"token", "useCase"?, "scopes"?, "merchantAccount"?, "authenticationToken"?}` or `{"tokens": [ … ]}`. The first one that
 * cannot be let in, or is on record otherwise, is named; those before it are on record. A token that is on record in any
 * replica can only be narrowed.
 */
export function tokenRoutes(registry: SessionRegistry, parts: TokenRouteParts): readonly AdminRoute[] {
  const { policy, settled = async () => {}, onRegistered = () => {} } = parts
  return [
    {
      method: 'POST',
      path: '/tokens',
      isProtected: true,
      async answer({ body }) {
        const names = policy()
        const tokens = readTokens(body).map((item, index) => readToken(item, `tokens[${index}]`, names))
        await registry.learn(tokens.map(({ token }) => token))
        // Registering is idempotent, so that a caller who is told of a bad one may send them all again.
        const ends = tokens.map((named, index) => register(registry, named, index, names))
        await settled()
        // Another replica may have been first meanwhile.
        for (const [index, { token, origin }] of tokens.entries())
          refuseConflict(registry.conflict(token, origin), index)
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

function register(
  registry: SessionRegistry,
  { token, origin }: NamedToken,
  index: number,
  { useCases, defaultScopes }: KnownNames,
): number {
  // A token that was known without a use case had the default grant: what its use case has beyond that it does not get.
  const isListed = origin.useCase !== undefined && useCases.has(origin.useCase)
  const recorded = registry.record(token, origin, isListed ? { scopesWithoutUseCase: [...defaultScopes] } : {})
  if (!('reason' in recorded)) return recorded.expiresAt
  refuseConflict(recorded.reason === 'record_differs' ? recorded.member : undefined, index)
  throw invalidInput(`tokens[${index}] is no session token that can be let in: ${recorded.reason}.`)
}

/** @throws AdminRefusal */
function refuseConflict(member: FixedMember | undefined, index: number): void {
  if (member === undefined) return
  const name = memberNames[member]
  throw new AdminRefusal(
    409,
    'record_differs',
    `tokens[${index}] is on record with another ${name}. What is on record is not replaced, and has not changed.`,
  )
}

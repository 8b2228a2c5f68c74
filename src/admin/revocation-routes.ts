import type { Retirement } from '../issuing/authentication-tokens.ts'
import { maxTokenLength } from '../session/parse-token.ts'
import type { RevocationRequest, SessionRegistry } from '../session/session-registry.ts'
import { AdminRefusal, type AdminRoute, invalidInput } from './admin-call.ts'
import { type KnownUseCases, requireKnownUseCase } from './known-use-cases.ts'
import { readInput, readText } from './read-input.ts'

const kinds = ['token', 'useCase', 'authenticationToken', 'all']

/** Authentication tokens that a revocation can mean. */
export type TokenChoice = Exclude<RevocationRequest, { readonly token: string }>

/** How far a revocation is known: to all replicas, or to this one alone until the shared state is back. */
export type Reach = 'everywhere' | 'here'

export interface RevocationParts {
  readonly registry: SessionRegistry
  /** A collective revocation must mean one of them. */
  readonly useCases: KnownUseCases
  /**
   * Asked right after a revocation. Resolves once the others have been told of it, or cannot be told now, and never
   * rejects. Default: there are no others.
   */
  readonly reach?: () => Promise<Reach>
  /** Replaces authentication tokens, and revokes them at Forage. */
  readonly retire: (which: TokenChoice) => Promise<Retirement>
  /** Told of each revocation that took effect, for the audit: with the use case that was named, or those that were hit. */
  readonly onRevoked: (kind: string, useCases: readonly string[], reach: Reach) => void
}

/**
 * `POST /revocations`: ends sessions, from the next request on. The body is one of `{"token"}`, `{"useCase"}`,
 * `{"authenticationToken"}` and `{"all": true}`. Where the gateway issues tokens, all but the first also replace the
 * authentication tokens behind the sessions: the sessions are over at once, the answer waits for Forage, and tells which
 * of them Forage has not revoked or replaced yet. `inForce` tells whether the other replicas know already, `known: false`
 * that nothing here carries the name of the use case.
 */
export function revocationRoutes(parts: RevocationParts): readonly AdminRoute[] {
  const { registry, useCases: known, reach = async () => 'everywhere', retire, onRevoked } = parts
  return [
    {
      method: 'POST',
      path: '/revocations',
      isProtected: true,
      async answer({ body }) {
        const request = readRevocation(body)
        const isKnown = 'useCase' in request ? requireKnownUseCase(request.useCase, known) : undefined
        requireRevoked(registry.revoke(request))
        const telling = reach()
        const { replaced, pending } = 'token' in request ? noRetirement : await retire(request)
        const [kind = ''] = Object.keys(request)
        const inForce = await telling
        // A name that nothing here tells of may be anything that was sent by mistake.
        onRevoked(kind, isKnown && 'useCase' in request ? [request.useCase] : [...replaced, ...pending], inForce)
        const tokens = { authenticationTokensReplaced: replaced, authenticationTokensPending: pending }
        return { status: 200, body: { revoked: kind, inForce, ...(isKnown === false && { known: false }), ...tokens } }
      },
    },
  ]
}

const noRetirement: Retirement = { replaced: [], pending: [] }

function requireRevoked(result: ReturnType<SessionRegistry['revoke']>): void {
  if (typeof result === 'object')
    throw invalidInput(`"token" is no session token of this environment: ${result.reason}.`)
  if (result !== 'full') return
  throw new AdminRefusal(
    503,
    'service_unavailable',
    'No more revocations can be held: revoke the use case, or {"all": true}.',
  )
}

function readRevocation(body: unknown): RevocationRequest {
  const input = readInput(body, 'The body', kinds)
  const [kind, ...more] = Object.keys(input)
  if (kind === undefined || more.length > 0) throw invalidInput(`Name exactly one of ${kinds.join(', ')}.`)
  if (kind === 'all') {
    if (input.all !== true) throw invalidInput('"all" must be true.')
    return { all: true }
  }
  const text = readText(input, kind, maxTokenLength)
  if (text === undefined) throw invalidInput(`"${kind}" must be text.`)
  if (kind === 'token') return { token: text }
  return kind === 'useCase' ? { useCase: text } : { authenticationToken: text }
}

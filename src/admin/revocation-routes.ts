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
  /** Replaces authentication tokens, and revokes them at Forage. @returns the use cases whose tokens were hit */
  readonly retire: (which: TokenChoice) => Promise<readonly string[]>
  /** Told of each revocation that took effect, for the audit. */
  readonly onRevoked: (kind: string, useCases: readonly string[], reach: Reach) => void
}

/**
 * `POST /revocations`: ends sessions, from the next request on. The body is one of `{"token"}`, `{"useCase"}`,
 * `{"authenticationToken"}` and `{"all": true}`. Where the gateway issues tokens, all but the first also replace the
 * authentication tokens behind the sessions: the sessions are over at once, the answer waits for Forage. `inForce` tells
 * whether the other replicas know already.
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
        if ('useCase' in request) requireKnownUseCase(request.useCase, known)
        requireRevoked(registry.revoke(request))
        const telling = reach()
        const useCases = 'token' in request ? [] : await retire(request)
        const [kind = ''] = Object.keys(request)
        const inForce = await telling
        onRevoked(kind, useCases, inForce)
        return { status: 200, body: { revoked: kind, inForce, authenticationTokensReplaced: useCases } }
      },
    },
  ]
}

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

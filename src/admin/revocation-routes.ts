import { maxTokenLength } from '../session/parse-token.ts'
import type { RevocationRequest, SessionRegistry } from '../session/session-registry.ts'
import { AdminRefusal, type AdminRoute, invalidInput } from './admin-call.ts'
import { readInput, readText } from './read-input.ts'

const kinds = ['token', 'useCase', 'authenticationToken', 'all']

/**
 * `POST /revocations`: ends sessions, from the next request on. The body is one of `{"token"}`, `{"useCase"}`,
 * `{"authenticationToken"}` and `{"all": true}`.
 *
 * @param onRevoked told of each revocation that took effect, for the audit
 */
export function revocationRoutes(registry: SessionRegistry, onRevoked: (kind: string) => void): readonly AdminRoute[] {
  return [
    {
      method: 'POST',
      path: '/revocations',
      isProtected: true,
      answer({ body }) {
        const request = readRevocation(body)
        const result = registry.revoke(request)
        if (typeof result === 'object')
          throw invalidInput(`"token" is no session token of this environment: ${result.reason}.`)
        if (result === 'full') {
          throw new AdminRefusal(
            503,
            'service_unavailable',
            'No more revocations can be held: revoke the use case, or {"all": true}.',
          )
        }
        const [kind = ''] = Object.keys(request)
        onRevoked(kind)
        return { status: 200, body: { revoked: kind } }
      },
    },
  ]
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

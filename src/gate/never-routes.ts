import { parseRouteTemplate, type RouteTemplate } from './route-template.ts'

/**
 * What a session token must never reach, whatever a policy says: creating sessions and orders, refunds, new tokens, and
 * the OAuth endpoints. A policy that grants one of these is refused.
 *
 * `**` stands for any further segments, also none; `*` for any method.
 * @see the project's source documents: session tokens are not for Session or Order objects
 */
const neverRoutes: readonly {
  readonly methods: string
  readonly prefix: readonly (string | null)[]
  readonly text: string
}[] = [
  never('*', '/o/**'),
  never('*', '/api/session_token/**'),
  never('*', '/api/sessions/**'),
  never('*', '/api/capture_sessions/**'),
  never('write', '/api/orders/**'),
  never('*', '/api/orders/{ref}/refunds/**'),
  never('write', '/api/payments/{ref}/refunds/**'),
  never('*', '/api/reporting/**'),
  never('*', '/api/merchants/**'),
]

/**
 * The never-route that a policy's route would open, as text for a person; undefined when it opens none. Judged by what a
 * template can match, not by how it is written: `POST /api/{any}/` opens sessions. Letter case counts for nothing: what
 * stands behind the gateway may not tell `/API/` from `/api/`.
 */
export function neverRouteOpenedBy({ method, segments }: RouteTemplate): string | undefined {
  // The vault relays to the API: there `/proxy/api/…` is `/api/…`.
  const isRelayed = segments[0]?.toLowerCase() === 'proxy'
  const reached = isRelayed ? segments.slice(1) : segments
  const opened = neverRoutes.find(
    ({ methods, prefix }) => (methods === '*' || isWrite(method)) && isUnder(reached, prefix),
  )
  return isRelayed ? opened?.text.replace('/', '/proxy/') : opened?.text
}

function isUnder(segments: readonly (string | null)[], prefix: readonly (string | null)[]): boolean {
  if (segments.length < prefix.length) return false
  return prefix.every((part, index) => part === null || (segments[index] ?? part).toLowerCase() === part)
}

function isWrite(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS'
}

function never(methods: '*' | 'write', pattern: string) {
  const template = parseRouteTemplate(`GET ${pattern.replace('**', '')}`)
  if (typeof template === 'string') throw new TypeError(`${pattern}: ${template}`)
  return { methods, prefix: template.segments, text: methods === '*' ? pattern : `writes to ${pattern}` }
}

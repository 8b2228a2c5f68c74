import type { AdminRoute } from './admin-call.ts'

/** Whether the gateway can do its work, in parts that an operator can tell apart. */
export interface Readiness {
  readonly isReady: boolean
  readonly checks: Readonly<Record<string, string>>
}

/**
 * `GET /livez`: the process answers. `GET /readyz`: it should get traffic; 503 when not, with what is amiss. `GET
 * /status`: what it is and what it does, without secrets.
 */
export function statusRoutes(readiness: () => Readiness, status: () => object): readonly AdminRoute[] {
  return [
    { method: 'GET', path: '/livez', isProtected: false, answer: () => ({ status: 200, body: { status: 'alive' } }) },
    {
      method: 'GET',
      path: '/readyz',
      isProtected: false,
      answer() {
        const { isReady, checks } = readiness()
        return { status: isReady ? 200 : 503, body: { status: isReady ? 'ready' : 'not ready', checks } }
      },
    },
    { method: 'GET', path: '/status', isProtected: false, answer: () => ({ status: 200, body: status() }) },
  ]
}

import type { IncomingMessage } from 'node:http'
import type { GuardHost } from './guard.ts'

/** As Connect, Express, Fastify and their middleware leave it. */
interface Rewritten extends IncomingMessage {
  readonly originalUrl?: string
  readonly originalMethod?: string
}

/** Of this connection, and read by body parsers and routers. */
const kept: ReadonlySet<string> = new Set(['host', 'transfer-encoding'])

/** Decides about what is left of the target behind a mount path. */
export const mountedTarget: GuardHost = {
  kept,
  targetOf: ({ url = '' }) => url,
  findHindrance: request => (isOverridden(request) ? 'method_invalid' : undefined),
}

/**
 * Decides about the target that the client sent. A mount path takes away its beginning; what was changed in any other way
 * before the guard is not what was decided about.
 */
export const originalTarget: GuardHost = {
  kept,
  targetOf: targetAsSent,
  findHindrance(request) {
    const { url = '' } = request
    if (url === '' || !targetAsSent(request).endsWith(url)) return 'target_ambiguous'
    return mountedTarget.findHindrance(request)
  },
}

function targetAsSent({ originalUrl, url = '' }: Rewritten): string {
  return originalUrl ?? url
}

/** Whether a middleware took the method from elsewhere: it has two readings. */
function isOverridden({ method, originalMethod = method }: Rewritten): boolean {
  return originalMethod !== method
}

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { AdminRefusal } from './admin-call.ts'
import { isLoopbackHost } from './loopback-host.ts'

/**
 * Checks the admin token of a call that changes something.
 *
 * @param token the configured one; undefined: nothing may be changed over this listener
 * @throws AdminRefusal
 */
export function authorize({ headers }: IncomingMessage, token: Uint8Array | undefined): void {
  if (token === undefined) {
    throw new AdminRefusal(403, 'forbidden', 'No admin token is configured: set admin.token to change anything here.')
  }
  const given = /^bearer ([\x21-\x7e]+)$/i.exec(headers.authorization ?? '')?.[1]
  if (given === undefined || !isEqual(Buffer.from(given), token)) {
    throw new AdminRefusal(401, 'unauthorized', 'Send the admin token: "Authorization: Bearer <admin token>".')
  }
}

/** In a time that does not depend on where the two differ, nor on their lengths. */
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return timingSafeEqual(digest(a), digest(b))
}

function digest(octets: Uint8Array): Buffer {
  return createHash('sha256').update(octets).digest()
}

/**
 * Keeps web pages away: a page of another origin, and one whose host name was pointed at this machine (DNS rebinding),
 * which the browser takes for its own origin.
 *
 * @throws AdminRefusal
 */
export function refuseBrowsersOfOthers({ headers }: IncomingMessage, boundHost: string): void {
  const { origin, host = '' } = headers
  const isOwn = origin === undefined || origin === `http://${host}`
  if (!isOwn || (isLoopbackHost(boundHost) && !isLoopbackHost(host.replace(/:\d+$/, '')))) {
    throw new AdminRefusal(403, 'forbidden', 'This listener answers programs and pages of its own only.')
  }
}

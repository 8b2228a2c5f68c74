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
 * which the browser takes for its own origin. Where the browser says where a request comes from (`Sec-Fetch-Site`), only
 * our own page is heard; but a link to the console may stand anywhere.
 *
 * @throws AdminRefusal
 * @see {@link https://www.w3.org/TR/fetch-metadata/ | Fetch Metadata}
 */
export function refuseBrowsersOfOthers({ method, headers }: IncomingMessage, boundHost: string): void {
  const { origin, host = '' } = headers
  const isOwn = origin === undefined || origin === `http://${host}`
  const isLink =
    method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  const site = headers['sec-fetch-site'] ?? 'same-origin'
  const isFromHere = site === 'same-origin' || site === 'none' || isLink
  if (!isOwn || !isFromHere || (isLoopbackHost(boundHost) && !isLoopbackHost(host.replace(/:\d+$/, '')))) {
    throw new AdminRefusal(403, 'forbidden', 'This listener answers programs and pages of its own only.')
  }
}

/**
 * Of a browser only JSON is taken: a form of another site can send anything else without asking. Programs may leave the
 * type out.
 *
 * @throws AdminRefusal
 */
export function requireJsonOfBrowsers({ headers }: IncomingMessage): void {
  const isBrowser = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  if (isBrowser && type.trim().toLowerCase() !== 'application/json')
    throw new AdminRefusal(415, 'unsupported_media_type', 'Send JSON: "Content-Type: application/json".')
}

import type { FoundCredential, TextWindow } from './credential.ts'
import { mask } from './mask.ts'
import { hasRandomRun } from './randomness.ts'

/** `Basic <base64>` of a field, and `-u id:secret` of a command line. */
const basic = /basic\s{1,4}([A-Za-z0-9+/_-]{28,600})/gi
// The hyphen before the look-behind: an expression that begins with a look-behind is tried at every character.
const user = /-(?<![A-Za-z0-9]-)(?:u|-user)[ =]{0,4}["']?([A-Za-z0-9_.~-]{8,200}):([A-Za-z0-9_.~-]{16,200})/g

/** What makes Basic credentials Forage's: the endpoints that take them (`/o/token/` and its neighbours), or a host. */
const forage = /\/o\/(?:token|revoke_token|bulk_revoke)|joinforage/

/** Characters on either side in which that has to stand. */
const nearbyLength = 1024

const idAndSecret = /^[!-9;-~]+:([!-~]{16,})$/

/**
 * Finds a client id and secret as Basic credentials for Forage's OAuth endpoints. Basic credentials for somebody else
 * are not reported.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7617#section-2 | RFC 7617 §2}
 */
export function findBasicCredentials(window: TextWindow): FoundCredential[] {
  return [
    ...findWith(basic, window, ([, encoded = '']) => {
      const secret = idAndSecret.exec(Buffer.from(encoded, 'base64').toString('latin1'))?.[1]
      return secret !== undefined && hasRandomRun(secret) ? encoded : undefined
    }),
    ...findWith(user, window, ([, id = '', secret = '']) => (hasRandomRun(secret) ? `${id}:${secret}` : undefined)),
  ]
}

function findWith(
  shape: RegExp,
  { text, from, to }: TextWindow,
  read: (hit: RegExpExecArray) => string | undefined,
): FoundCredential[] {
  const found: FoundCredential[] = []
  shape.lastIndex = from
  for (let hit = shape.exec(text); hit && hit.index < to; hit = shape.exec(text)) {
    const secret = read(hit)
    if (secret === undefined || !isForForage(text, hit.index)) continue
    const start = hit.index + hit[0].length - secret.length
    const masked = mask(secret)
    found.push({
      kind: 'client_credentials',
      environment: null,
      isExpired: false,
      start,
      end: start + secret.length,
      masked,
    })
  }
  return found
}

function isForForage(text: string, at: number): boolean {
  return forage.test(text.slice(Math.max(0, at - nearbyLength), at + nearbyLength))
}

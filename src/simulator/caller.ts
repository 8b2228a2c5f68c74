import { apiError } from './api-error.ts'
import type { AuthenticationToken } from './authentication-tokens.ts'
import { fieldValue, type RequestHead } from './request-head.ts'
import { verifySessionToken } from './session-token.ts'
import type { World } from './world.ts'

/** Who calls: the token that came, and the authentication token behind it. */
export interface Caller {
  readonly kind: 'session' | 'authentication'
  readonly authenticationToken: AuthenticationToken
}

/**
 * Fields that only apps send: SDKs, and browsers. `Sec-Fetch-Mode` is not among them: browsers never send it alone, but
 * the `fetch` of Node.js does, and a merchant's server may well use that.
 */
const clientAppFields = [
  'X-Forage-Android-Sdk-Version',
  'X-Forage-Ios-Sdk-Version',
  'Origin',
  'Sec-Fetch-Dest',
  'Sec-Fetch-Site',
]

/**
 * Reads and verifies the bearer token of a request.
 *
 * @throws ApiError `unauthorized`, `invalid_token`, `expired_session_token`, or `forbidden` for an authentication token
 * that a client app sends
 */
export function identifyCaller(world: World, head: RequestHead): Caller {
  const [scheme, token, ...rest] = (fieldValue(head, 'Authorization') ?? '').trim().split(/\s+/)
  if (scheme?.toLowerCase() !== 'bearer') throw apiError('unauthorized')
  if (token === undefined || rest.length > 0) throw apiError('invalid_token')
  const prefix = `${world.options.environment}_`
  if (!token.startsWith(prefix)) throw apiError('invalid_token')
  if (token.includes('.')) return identifySession(world, token.slice(prefix.length))
  const authenticationToken = world.authenticationTokens.find(token)
  if (authenticationToken === undefined) throw apiError('invalid_token')
  // How Forage detects apps is not published; these fields are the simulator's reading of "detects".
  if (clientAppFields.some(name => fieldValue(head, name) !== undefined)) throw apiError('forbidden')
  return { kind: 'authentication', authenticationToken }
}

function identifySession(world: World, signed: string): Caller {
  const session = verifySessionToken(signed, world.options.sessionTokenSecret, world.now())
  const authenticationToken = session === null ? undefined : world.authenticationTokens.findById(session.parentId)
  if (session?.state === 'expired') throw apiError('expired_session_token')
  // Unknown parent: revoked, and every session token that was issued from it is dead with it.
  if (authenticationToken === undefined || session?.state !== 'live') throw apiError('invalid_token', 'Session_Token')
  return { kind: 'session', authenticationToken }
}

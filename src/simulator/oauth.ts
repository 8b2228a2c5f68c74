import { type Answer, answerJson } from './answer.ts'
import type { Call } from './call.ts'
import { fieldValue, type RequestHead } from './request-head.ts'
import type { World } from './world.ts'

const knownScopes = ['pinpad_only', 'hosted_checkout', 'reporting', 'accounts']

/** Bounds and default of `expiration`, in seconds. */
const lifetime = { min: 86_400, max: 2_592_000, default: 604_800 }

/** `POST /o/token/`: an authentication token for client credentials (RFC 6749 §4.4). */
export function createAuthenticationToken({ world, head, body }: Call): Answer {
  if (!isClient(world, readBasic(head))) return invalidClient()
  if (body.grant_type === undefined) return oauthError('invalid_request')
  if (body.grant_type !== 'client_credentials') return oauthError('unsupported_grant_type')
  const scope = body.scope ?? 'hosted_checkout'
  if (typeof scope !== 'string' || !scope.split(' ').every(name => knownScopes.includes(name))) {
    return oauthError('invalid_scope')
  }
  const expiresIn = body.expiration === undefined ? lifetime.default : Number(body.expiration)
  if (!Number.isInteger(expiresIn) || expiresIn < lifetime.min || expiresIn > lifetime.max) {
    return oauthError('invalid_request', 'expiration: must be 86400 to 2592000 seconds')
  }
  const issued = world.authenticationTokens.issue(scope, expiresIn)
  if (issued === null) return oauthError('invalid_request', 'The client has 1000 live tokens.')
  const { token } = issued
  return answerJson(200, { access_token: token, token_type: 'Bearer', expires_in: expiresIn, scope }, noStore)
}

/** `POST /o/revoke_token/` (RFC 7009): 200 also for a token that is not known. */
export function revokeAuthenticationToken({ world, body }: Call): Answer {
  if (!isClient(world, bodyCredentials(body))) return invalidClient()
  if (typeof body.token !== 'string') return oauthError('invalid_request')
  world.authenticationTokens.revoke(body.token)
  return answerJson(200, {})
}

/** `POST /o/bulk_revoke/`: revokes the tokens that would expire first. */
export function revokeOldestAuthenticationTokens({ world, body }: Call): Answer {
  if (!isClient(world, bodyCredentials(body))) return invalidClient()
  const count = Number(body.revoke_count)
  if (!Number.isInteger(count) || count < 1 || count > 1000) return oauthError('invalid_request')
  world.authenticationTokens.revokeOldest(count)
  return answerJson(200, {})
}

interface ClientCredentials {
  readonly id: unknown
  readonly secret: unknown
}

const noStore = { 'Cache-Control': 'no-store', Pragma: 'no-cache' }

function isClient(world: World, { id, secret }: ClientCredentials): boolean {
  return id === world.options.clientId && secret === world.options.clientSecret
}

function bodyCredentials(body: Call['body']): ClientCredentials {
  return { id: body.client_id, secret: body.client_secret }
}

function readBasic(head: RequestHead): ClientCredentials {
  const encoded = /^basic +([^ ]+)$/i.exec(fieldValue(head, 'Authorization') ?? '')?.[1] ?? ''
  const decoded = Buffer.from(encoded, 'base64').toString()
  const colon = decoded.indexOf(':')
  // Id and secret are form-encoded before they are joined (RFC 6749 §2.3.1).
  const form = new URLSearchParams(`id=${decoded.slice(0, colon)}&secret=${decoded.slice(colon + 1)}`)
  return { id: form.get('id'), secret: form.get('secret') }
}

function invalidClient(): Answer {
  return answerJson(401, { error: 'invalid_client' }, { ...noStore, 'WWW-Authenticate': 'Basic realm="api"' })
}

function oauthError(error: string, description?: string): Answer {
  const details = description === undefined ? {} : { error_description: description }
  return answerJson(400, { error, ...details }, noStore)
}

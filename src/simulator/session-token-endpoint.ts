import type { Environment } from '../forage/environments.ts'
import { type Answer, answerJson } from './answer.ts'
import type { Call } from './call.ts'
import { identifyCaller } from './caller.ts'
import { mintJwt, mintTimestamped, type SessionTokenFormat, sessionTokenLifetimeSec } from './session-token.ts'
import type { World } from './world.ts'

/** The tenant that every token of the simulator belongs to. */
const tenantId = 47

/** What may differ from the token that the endpoint would issue now. */
export interface SessionTokenRequest {
  readonly format?: SessionTokenFormat
  /** Seconds since the epoch. */
  readonly issuedAt?: number
  readonly environment?: Environment
  /** Claims to add or to replace; undefined removes one. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** `POST /api/session_token/`: a session token for the authentication token that asks. */
export function createSessionToken({ world, head }: Call): Answer {
  const { authenticationToken } = identifyCaller(world, head)
  return answerJson(200, { token: signSessionToken(world, authenticationToken.id, {}) })
}

/** @param parentId number of the authentication token that the session token is tied to */
export function signSessionToken(world: World, parentId: number, request: SessionTokenRequest): string {
  const { options } = world
  const { format = options.sessionTokenFormat, environment = options.environment, claims } = request
  const issuedAt = Math.floor(request.issuedAt ?? world.now())
  if (format === 'jwt') {
    const exp = issuedAt + sessionTokenLifetimeSec
    return mintJwt(environment, { a: parentId, exp, ...claims }, options.sessionTokenSecret)
  }
  const sk = world.source.bytes('sk', 16).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
  const payload = { a: parentId, sk, t: tenantId, ...claims }
  return mintTimestamped(environment, payload, issuedAt, options.sessionTokenSecret)
}

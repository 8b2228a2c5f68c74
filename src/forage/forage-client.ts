import { Agent } from 'undici'
import { basicCredentials } from './basic-credentials.ts'
import { connectOptions, type ForageTls } from './connect-options.ts'
import { type ForageFault, invalidAnswer, isForageFault } from './forage-fault.ts'
import { type ForagePost, maxAnswerBytes, postToForage } from './forage-post.ts'
import { authenticationTokenLifetimeSec, readAuthenticationToken, readSessionToken } from './token-answers.ts'

export interface ForageClientOptions {
  /** Origin of the Payments API, such as `https://api.sandbox.joinforage.app`. */
  readonly origin: string
  readonly tls?: ForageTls
  readonly connectTimeoutMs: number
  /** Time for a call as a whole, connecting and a second attempt included. */
  readonly timeoutMs: number
  /** Address of this machine that requests leave from. Default: the system's choice. */
  readonly localAddress?: string | undefined
  /** Most connections for session tokens. Default 16. */
  readonly connections?: number
  /** Current time in seconds since the epoch. Default: the system clock. */
  readonly now?: () => number
}

/** The merchant's OAuth client (RFC 6749 §2.3.1). */
export interface ClientCredentials {
  readonly clientId: string
  readonly clientSecret: string
}

export interface AuthenticationTokenRequest extends ClientCredentials {
  /** One or more scopes, separated by spaces, such as `pinpad_only`. */
  readonly scope: string
  /** Life to ask for, in seconds: 86,400 to 2,592,000. */
  readonly expirationSec: number
}

export interface IssuedAuthenticationToken {
  readonly token: string
  /** Seconds since the epoch. Counted from before the request, so never later than Forage has it. */
  readonly expiresAt: number
}

/** What a merchant's server asks Forage for. Nothing is thrown but TypeError for arguments that cannot be sent. */
export interface ForageClient {
  /**
   * `POST /o/token/`. Sent a second time only when no connection was had: each one that arrives makes a live token. One
   * that is not answered may leave a live token behind that nobody knows, until it expires.
   *
   * @throws TypeError when `expirationSec` is out of bounds
   */
  createAuthenticationToken(request: AuthenticationTokenRequest): Promise<IssuedAuthenticationToken | ForageFault>
  /**
   * `POST /api/session_token/`. Sent again when its connection broke: a session token that reached nobody is known to
   * nobody, and dies within minutes.
   */
  createSessionToken(request: {
    readonly authenticationToken: string
    readonly merchantAccount: string
  }): Promise<{ readonly token: string } | ForageFault>
  /** `POST /o/revoke_token/` (RFC 7009): a token that is not known counts as revoked. */
  revokeAuthenticationToken(
    request: ClientCredentials & { readonly token: string },
  ): Promise<{ readonly isRevoked: true } | ForageFault>
  /**
   * `POST /o/bulk_revoke/`: revokes the live tokens of the client that would expire first, whoever obtained them. Never
   * sent again: twice would be twice as many.
   *
   * @throws TypeError unless `count` is a whole number from 1 to 1000
   */
  revokeOldest(
    request: ClientCredentials & { readonly count: number },
  ): Promise<{ readonly isRevoked: true } | ForageFault>
  /** Lets calls under way finish, and closes all connections. */
  close(): Promise<void>
}

type Post = Pick<ForagePost, 'path' | 'headers' | 'form' | 'isRepeatable'>

export function createForageClient(options: ForageClientOptions): ForageClient {
  const { origin, timeoutMs, connectTimeoutMs, tls, connections = 16, now = systemClock } = options
  const { localAddress } = options
  const shared = {
    connect: connectOptions(connectTimeoutMs, tls),
    maxResponseSize: maxAnswerBytes,
    ...(localAddress !== undefined && { localAddress }),
  }
  const sessionAgent = new Agent({ ...shared, connections, pipelining: 1, keepAliveTimeout: 4000 })
  // A fresh connection each time: then one that breaks has broken after the request was sent.
  const oauthAgent = new Agent({ ...shared, connections: 4, pipelining: 0 })

  async function revoke(post: Post): Promise<{ readonly isRevoked: true } | ForageFault> {
    const answer = await postToForage({ origin, timeoutMs, dispatcher: oauthAgent, ...post })
    return isForageFault(answer) ? answer : { isRevoked: true }
  }

  return {
    async createAuthenticationToken({ clientId, clientSecret, scope, expirationSec }) {
      requireWhole(
        'expirationSec',
        expirationSec,
        authenticationTokenLifetimeSec.min,
        authenticationTokenLifetimeSec.max,
      )
      const askedAt = now()
      const headers = { authorization: basicCredentials(clientId, clientSecret) }
      const form = { grant_type: 'client_credentials', scope, expiration: String(expirationSec) }
      const post = { path: '/o/token/', headers, form, isRepeatable: false }
      const answer = await postToForage({ origin, timeoutMs, dispatcher: oauthAgent, ...post })
      if (isForageFault(answer)) return answer
      const read = readAuthenticationToken(answer.text, expirationSec)
      return read ? { token: read.token, expiresAt: askedAt + read.lifetimeSec } : invalidAnswer(answer.status)
    },
    async createSessionToken({ authenticationToken, merchantAccount }) {
      const headers = { authorization: `Bearer ${authenticationToken}`, 'merchant-account': merchantAccount }
      const post = { path: '/api/session_token/', headers, isRepeatable: true }
      const answer = await postToForage({ origin, timeoutMs, dispatcher: sessionAgent, ...post })
      if (isForageFault(answer)) return answer
      return readSessionToken(answer.text) ?? invalidAnswer(answer.status)
    },
    revokeAuthenticationToken: ({ token, ...client }) =>
      revoke({ path: '/o/revoke_token/', headers: {}, form: { ...clientForm(client), token }, isRepeatable: true }),
    async revokeOldest({ count, ...client }) {
      requireWhole('count', count, 1, 1000)
      const form = { ...clientForm(client), revoke_count: String(count) }
      return revoke({ path: '/o/bulk_revoke/', headers: {}, form, isRepeatable: false })
    },
    close: async () => void (await Promise.all([sessionAgent.close(), oauthAgent.close()])),
  }
}

/** Both revocation endpoints take the client in the body. */
function clientForm({ clientId, clientSecret }: ClientCredentials): Readonly<Record<string, string>> {
  return { client_id: clientId, client_secret: clientSecret }
}

function requireWhole(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return
  throw new TypeError(`${name}: must be a whole number from ${min} to ${max}`)
}

function systemClock(): number {
  return Date.now() / 1000
}

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Environment } from '../forage/environments.ts'
import { answerExchange } from './exchange.ts'
import type { Execution } from './executions.ts'
import type { Faults } from './faults.ts'
import { resolveOptions, type SimulatorOptions } from './options.ts'
import { addSeededObjects } from './seeded-objects.ts'
import { type SessionTokenRequest, signSessionToken } from './session-token-endpoint.ts'
import { createWorld, type World } from './world.ts'

export type { Execution } from './executions.ts'
export type { Faults } from './faults.ts'
export type { SimulatorOptions } from './options.ts'
export { seededRefs } from './seeded-refs.ts'

/** What may be asked of {@link Simulator.issueAuthenticationToken}. */
export interface AuthenticationTokenRequest {
  /** Default 604800 (7 days); may be shorter than what the endpoint accepts. */
  readonly expiresInSec?: number
  /** Default `pinpad_only`. */
  readonly scope?: string
}

/** What may be asked of {@link Simulator.issueSessionToken}. */
export interface IssueSessionTokenOptions extends SessionTokenRequest {
  /** Parent of the session token. Default: one that the simulator holds for this purpose. */
  readonly authenticationToken?: string
}

/** A running simulation of the Forage Payments API. */
export interface Simulator {
  /** Origin, without a final slash. */
  readonly url: string
  readonly port: number
  readonly environment: Environment
  readonly clientId: string
  readonly clientSecret: string
  readonly merchantAccount: string
  readonly sessionTokenSecret: string
  /** Switches to set; also over HTTP at `POST /__simulator/faults`. */
  readonly faults: Faults
  /** The latest requests that reached the code behind a route. */
  readonly executions: readonly Execution[]
  /** How many such requests there were, also those that {@link executions} has dropped. */
  readonly executionCount: number
  /** How many requests arrived, executed or not; those under `/__simulator/` excepted. */
  readonly requestCount: number
  issueAuthenticationToken(options?: AuthenticationTokenRequest): string
  /** The authentication tokens that are alive, oldest first. */
  liveAuthenticationTokens(): readonly string[]
  /** A session token as the endpoint would issue it. `issuedAt` in the past gives an expired one. */
  issueSessionToken(options?: IssueSessionTokenOptions): string
  /** Revokes a token, and with it every session token that was issued from it. */
  revokeAuthenticationToken(token: string): void
  /** Stops at once: open connections are dropped. */
  close(): Promise<void>
}

/**
 * Starts a simulation of the Forage Payments API on loopback.
 *
 * @throws TypeError when the host is not loopback; node's error when the port is taken (`EADDRINUSE`)
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const resolved = resolveOptions(options)
  const world = createWorld(resolved)
  addSeededObjects(world)
  const server = createServer((request, response) => void answerExchange(world, request, response))
  // As long as a load balancer keeps an idle connection: Node's five seconds would race with every pooled client.
  server.keepAliveTimeout = 65_000
  server.on('clientError', refuseUnparsable)
  await listen(server, resolved.port, resolved.host)
  return presentSimulator(world, server)
}

function presentSimulator(world: World, server: Server): Simulator {
  const { environment, clientId, clientSecret, merchantAccount, sessionTokenSecret, host } = world.options
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    environment,
    clientId,
    clientSecret,
    merchantAccount,
    sessionTokenSecret,
    faults: world.faults,
    executions: world.executions.entries,
    get executionCount() {
      return world.executions.count
    },
    get requestCount() {
      return world.received.requests
    },
    ...tokenIssuers(world),
    close: () => closeServer(server),
  }
}

type TokenIssuers = Pick<
  Simulator,
  'issueAuthenticationToken' | 'liveAuthenticationTokens' | 'issueSessionToken' | 'revokeAuthenticationToken'
>

function tokenIssuers(world: World): TokenIssuers {
  const tokens = world.authenticationTokens
  let ownToken = ''
  const issueAuthenticationToken = (request: AuthenticationTokenRequest = {}): string => {
    const issued = tokens.issue(request.scope ?? 'pinpad_only', request.expiresInSec ?? 604_800)
    if (issued === null) throw new RangeError('the client already holds 1000 live authentication tokens')
    return issued.token
  }
  return {
    issueAuthenticationToken,
    liveAuthenticationTokens: () => tokens.live(),
    issueSessionToken({ authenticationToken, ...request } = {}) {
      if (authenticationToken === undefined && tokens.find(ownToken) === undefined) {
        ownToken = issueAuthenticationToken()
      }
      const parent = tokens.find(authenticationToken ?? ownToken)
      if (parent === undefined) throw new TypeError('authenticationToken: is not a live authentication token')
      return signSessionToken(world, parent.id, request)
    },
    revokeAuthenticationToken: token => tokens.revoke(token),
  }
}

/** What is not HTTP gets the page of the server in front of Django, and the connection ends. */
function refuseUnparsable(_error: Error, socket: Duplex): void {
  if (socket.writable) {
    socket.end(
      'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n',
      () => socket.destroy(),
    )
  } else socket.destroy()
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise(resolve => {
    // The error of a server that is closed already is no news: closing twice is closing once.
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

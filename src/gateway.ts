import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Config } from './config/config.ts'
import { createUpstream } from './forwarding/upstream.ts'
import { createGate, type Gate } from './gate/decide.ts'
import { GatewayError } from './gateway-error.ts'
import { drain } from './hosts/drain.ts'
import { createStandalone } from './hosts/standalone.ts'
import { createAccessLog } from './observability/access-log.ts'
import { logFault } from './observability/fault-log.ts'
import { openLogger } from './observability/logger.ts'
import { createRequestIds } from './observability/request-ids.ts'
import { createJwtAuthenticator } from './session/authenticate-jwt.ts'
import { createVerifiedSessions } from './session/verified-sessions.ts'
import { createSessionVerifier } from './session/verify-session.ts'

/** A gateway that can be started and stopped once. */
export interface Gateway {
  /** Where it listens, such as `http://127.0.0.1:8080`; `''` before `start`. */
  readonly url: string
  /** @throws GatewayError ERR_FORAGE_LISTEN when the address cannot be had */
  start(): Promise<void>
  /** Stops taking connections, lets requests in flight finish, then closes everything. */
  stop(): Promise<void>
}

/** The decision alone, as the configuration says. @param now seconds since the epoch; default: the system clock */
export async function createGateFromConfig(config: Config, now: () => number = systemClock): Promise<Gate> {
  const { environment, policy, session, merchantAccounts, cors, limits } = config
  const authenticators: Parameters<typeof createSessionVerifier>[0]['authenticators'] = session.formats.includes('jwt')
    ? { jwt: await createJwtAuthenticator({ allowedAlgorithms: session.jwt.algorithms, secret: session.jwt.secret }) }
    : {}
  const sessions = createSessionVerifier({
    environment,
    authenticators,
    verified: createVerifiedSessions(),
    scopeClaim: policy.scopeClaim,
    fingerprintKey: randomBytes(32),
    maxLifetimeSec: session.maxLifetimeSec,
    clockToleranceSec: session.clockToleranceSec,
  })
  return createGate({ policy, sessions, merchantAccounts, cors, now, ...limits })
}

/** Puts the parts together. Nothing listens and nothing is sent before `start`. */
export async function createGateway(config: Config): Promise<Gateway> {
  const { environment, upstream: target, limits } = config
  const { logger, flush } = openLogger(config.log)
  const upstream = createUpstream({ ...target, origin: target.api, maxBodyBytes: limits.maxBodyBytes })
  let isDraining = false
  const server = createStandalone({
    gate: await createGateFromConfig(config),
    upstream,
    observe: createAccessLog({ logger, environment, hashKey: randomBytes(32) }),
    onFault: (error, requestId) => logFault(logger, error, requestId),
    nextIds: createRequestIds(),
    maxHeaderBytes: limits.maxHeaderBytes,
    isDraining: () => isDraining,
  })
  return {
    get url() {
      return urlOf(server)
    },
    start: () => listen(server, config.listen),
    async stop() {
      isDraining = true
      await drain(server, config.drainTimeoutMs)
      await upstream.close()
      flush()
    },
  }
}

function systemClock(): number {
  return Date.now() / 1000
}

function urlOf(server: Server): string {
  const address = server.address() as AddressInfo | null
  if (!address) return ''
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`
}

function listen(server: Server, { host, port }: Config['listen']): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new GatewayError('ERR_FORAGE_LISTEN', listenFault(cause, host, port), { cause }))
    })
    server.listen(port, host, resolve)
  })
}

function listenFault({ code = 'unknown error' }: NodeJS.ErrnoException, host: string, port: number): string {
  const where = `Cannot listen on ${host} port ${port}`
  if (code === 'EADDRINUSE')
    return `${where}: another program uses it. Stop that program, or set listen.port (0 picks a free one).`
  if (code === 'EACCES') return `${where}: this user may not use that port. Set listen.port to 1024 or above.`
  if (code === 'EADDRNOTAVAIL') return `${where}: this machine has no such address. Set listen.host to one that it has.`
  if (code === 'ENOTFOUND') return `${where}: the name does not resolve. Set listen.host to an address of this machine.`
  return `${where} (${code}).`
}

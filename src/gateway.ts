import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import type { Logger } from 'pino'
import { createAdminServer } from './admin/admin-server.ts'
import { revocationRoutes } from './admin/revocation-routes.ts'
import { statusRoutes } from './admin/status-routes.ts'
import { tokenRoutes } from './admin/token-routes.ts'
import type { AdminConfig, Config } from './config/config.ts'
import { watchFiles } from './config/watch-files.ts'
import { rejectsToken } from './forage/token-rejections.ts'
import { createUpstream } from './forwarding/upstream.ts'
import { tokenOf } from './gate/credentials.ts'
import { createGate, type Gate } from './gate/decide.ts'
import { type GatewayState, gatewayStatus } from './gateway-status.ts'
import { drain } from './hosts/drain.ts'
import { listen, urlOf } from './hosts/listen.ts'
import { createStandalone } from './hosts/standalone.ts'
import { createAccessLog } from './observability/access-log.ts'
import { createCounters } from './observability/counters.ts'
import { logFault } from './observability/fault-log.ts'
import { openLogger } from './observability/logger.ts'
import { createRequestIds } from './observability/request-ids.ts'
import { createSessions, type Sessions } from './session/create-sessions.ts'

/** A gateway that can be started and stopped once. */
export interface Gateway {
  /** Where it listens, such as `http://127.0.0.1:8080`; `''` before `start`. */
  readonly url: string
  /** Where operators reach it; `''` before `start`, and where there is no admin listener. */
  readonly adminUrl: string
  /** @throws GatewayError ERR_FORAGE_LISTEN when an address cannot be had */
  start(): Promise<void>
  /** Stops taking connections, lets requests in flight finish, then closes everything. */
  stop(): Promise<void>
}

/** The decision alone, as the configuration says. @param now seconds since the epoch; default: the system clock */
export async function createGateFromConfig(config: Config, now: () => number = systemClock): Promise<Gate> {
  return gateOver(config, await sessionsOf(config, now), now)
}

/** Puts the parts together. Nothing listens and nothing is sent before `start`. */
export async function createGateway(config: Config): Promise<Gateway> {
  const { environment, limits, listen: address } = config
  const { logger, flush } = openLogger(config.log)
  const sessions = await sessionsOf(config, systemClock, logger)
  const upstream = createUpstream({ ...config.upstream, origin: config.upstream.api, ...limits })
  const counters = createCounters()
  const accessLog = createAccessLog({ logger, environment, hashKey: randomBytes(32) })
  let isDraining = false
  const server = createStandalone({
    gate: gateOver(config, sessions, systemClock),
    upstream,
    observe(story) {
      counters.observe(story)
      accessLog(story)
    },
    onFault: (error, requestId) => logFault(logger, error, requestId),
    onUnauthorized(decision, body) {
      if (rejectsToken(body)) sessions.registry.reject(tokenOf(decision.facts))
    },
    nextIds: createRequestIds(),
    maxHeaderBytes: limits.maxHeaderBytes,
    isDraining: () => isDraining,
  })
  const state = { startedAt: performance.now(), sessions, counters: counters.snapshot, isDraining: () => isDraining }
  const admin = config.admin && createAdmin(config, config.admin, state, logger)
  let stopWatching = (): void => {}
  return {
    get url() {
      return urlOf(server)
    },
    get adminUrl() {
      return admin ? urlOf(admin) : ''
    },
    async start() {
      if (admin && config.admin) await listen(admin, { ...config.admin, key: 'admin' })
      await listen(server, { ...address, key: 'listen' }).catch(error => {
        admin?.close()
        throw error
      })
      stopWatching = watchFiles(config.session.keyFiles, () => void rotateKeys(config, sessions, logger))
    },
    async stop() {
      isDraining = true
      stopWatching()
      await drain(server, config.drainTimeoutMs)
      await upstream.close()
      if (admin) close(admin)
      flush()
    },
  }
}

function sessionsOf(config: Config, now: () => number, logger?: Logger): Promise<Sessions> {
  const { environment, session, policy } = config
  return createSessions({
    environment,
    settings: session,
    keys: session.keys,
    scopeClaim: policy.scopeClaim,
    fingerprintKey: randomBytes(32),
    now,
    onKeyFailure: () => logger?.warn('the published keys could not be fetched; the ones that are known stay in use'),
  })
}

function gateOver(config: Config, sessions: Sessions, now: () => number): Gate {
  const { policy, merchantAccounts, cors, limits } = config
  return createGate({ policy, sessions: sessions.verifier, merchantAccounts, cors, now, ...limits })
}

function createAdmin(config: Config, { host, token }: AdminConfig, state: GatewayState, logger: Logger): Server {
  const { registry } = state.sessions
  const routes = [
    ...statusRoutes(
      () => ({ isReady: !state.isDraining(), checks: { draining: state.isDraining() ? 'yes' : 'no' } }),
      () => gatewayStatus(config, state),
    ),
    ...tokenRoutes(registry, config.policy.scopes),
    ...revocationRoutes(registry, kind => logger.info({ kind }, 'sessions revoked')),
  ]
  return createAdminServer({ host, token, routes, onFault: error => logFault(logger, error, '') })
}

/** Takes up changed key files. Half-written or unfit ones change nothing: the keys that are known stay in use. */
async function rotateKeys({ session }: Config, sessions: Sessions, logger: Logger): Promise<void> {
  try {
    await sessions.useKeys(session.readKeys())
    logger.info('the changed key files are in use')
  } catch (error) {
    logger.error(
      { problem: error instanceof Error ? error.message : '' },
      'the changed key files are not fit; the keys that are known stay in use',
    )
  }
}

function close(server: Server): void {
  server.closeAllConnections()
  server.close()
}

function systemClock(): number {
  return Date.now() / 1000
}

import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import type { Logger } from 'pino'
import type { Readiness } from './admin/status-routes.ts'
import type { Config } from './config/config.ts'
import { rejectsToken } from './forage/token-rejections.ts'
import { createUpstream, type Upstream } from './forwarding/upstream.ts'
import { createCors } from './gate/cors.ts'
import { tokenOf } from './gate/credentials.ts'
import { createGate, type Gate } from './gate/decide.ts'
import { readFacts } from './gate/request-facts.ts'
import { createAdmin } from './gateway-admin.ts'
import { createClientAddress } from './hosts/client-address.ts'
import { connectionCap, openFilesLimit } from './hosts/connection-cap.ts'
import { drain } from './hosts/drain.ts'
import { watchKeyFiles } from './hosts/key-files.ts'
import { listen, urlOf } from './hosts/listen.ts'
import { logOverload, watchListener } from './hosts/listener-log.ts'
import { createLoadMeter, type LoadMeter } from './hosts/load-meter.ts'
import { createLoadShedding, type LoadShedding } from './hosts/load-shedding.ts'
import { createStandalone } from './hosts/standalone.ts'
import { createAccessLog } from './observability/access-log.ts'
import { type Counters, createCounters } from './observability/counters.ts'
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
  /** What is known about session tokens. */
  readonly sessions: Sessions
  /** Figures since the start. */
  readonly counters: () => Counters
  /** @throws GatewayError ERR_FORAGE_LISTEN when an address cannot be had */
  start(): Promise<void>
  /** Stops taking connections, lets requests in flight finish, then closes everything. */
  stop(): Promise<void>
}

/** The decision alone, as the configuration says. @param now seconds since the epoch; default: the system clock */
export async function createGateFromConfig(config: Config, now: () => number = systemClock): Promise<Gate> {
  return gateOver(config, await sessionsOf(config, now), now)
}

export interface GatewayParts {
  /** Default: measures this process. */
  readonly loadMeter?: LoadMeter
}

/** Puts the parts together. Nothing listens and nothing is sent before `start`. */
export async function createGateway(config: Config, parts: GatewayParts = {}): Promise<Gateway> {
  const machine = await assemble(config, parts.loadMeter ?? createLoadMeter())
  const { server, admin, upstream, shedding, logger } = machine
  let stopWatching: readonly (() => void)[] = []
  let stopped: Promise<void> | undefined

  async function start(): Promise<void> {
    if (admin && config.admin) await listen(admin, { ...config.admin, key: 'admin' }, watchListener(admin, logger))
    await listen(server, { ...config.listen, key: 'listen' }, watchListener(server, logger)).catch(error => {
      admin?.close()
      throw error
    })
    shedding.start()
    stopWatching = watchKeyFiles(config, machine)
  }

  /** The admin listener goes last: until then it tells that the gateway is alive, and not to be sent anything more. */
  async function stop(): Promise<void> {
    machine.isDraining = true
    for (const each of stopWatching) each()
    await drain(server, config.drainTimeoutMs)
    shedding.stop()
    await upstream.close()
    admin?.closeAllConnections()
    admin?.close()
    machine.flush()
  }

  return {
    get url() {
      return urlOf(server)
    },
    get adminUrl() {
      return admin ? urlOf(admin) : ''
    },
    sessions: machine.sessions,
    counters: machine.counters,
    start,
    stop() {
      stopped ??= stop()
      return stopped
    },
  }
}

/** What a gateway consists of. */
interface Machine {
  readonly server: Server
  /** Null: none. */
  readonly admin: Server | null
  readonly upstream: Upstream
  readonly sessions: Sessions
  readonly shedding: LoadShedding
  readonly counters: () => Counters
  readonly logger: Logger
  readonly flush: () => void
  isDraining: boolean
}

async function assemble(config: Config, meter: LoadMeter): Promise<Machine> {
  const { environment, limits } = config
  const { logger, flush } = openLogger(config.log)
  const sessions = await sessionsOf(config, systemClock, logger)
  const upstream = createUpstream({ ...config.upstream, origin: config.upstream.api, ...limits })
  const counters = createCounters()
  const accessLog = createAccessLog({ logger, environment, hashKey: randomBytes(32) })
  const shedding = createLoadShedding({ meter, onChange: overload => logOverload(logger, overload) })
  const isDraining = (): boolean => machine.isDraining
  const server = createStandalone({
    ...listenerOptions(config),
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
    isDraining,
    isOverloaded: () => shedding.overload !== undefined,
  })
  const admin = createAdmin(config, {
    startedAt: performance.now(),
    sessions,
    registry: sessions.registry,
    counters: counters.snapshot,
    isDraining,
    workers: () => ({ configured: 1, live: 1, restarts: 0 }),
    readiness: () => readinessOf(machine.isDraining, shedding),
    logger,
  })
  const parts = { server, admin, upstream, sessions, shedding, logger, flush }
  const machine: Machine = { ...parts, counters: counters.snapshot, isDraining: false }
  return machine
}

/** What the listener for clients takes from the configuration. */
function listenerOptions({ listen: { tls, trustedProxies }, upstream, limits, cors }: Config) {
  const { responseFields } = createCors(cors, [])
  return {
    tls: tls?.pems,
    maxHeaderBytes: limits.maxHeaderBytes,
    maxConnections: connectionCap(openFilesLimit(), upstream.connections),
    clientTimeoutMs: upstream.bodyTimeoutMs,
    // The other half is for requests that are there as a whole.
    bodyPlaces: Math.ceil(upstream.connections / 2),
    findClientAddress: createClientAddress(trustedProxies ?? []),
    crossOriginFields: (fields: readonly string[]) => responseFields(readFacts(fields)),
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

/** One process is ready unless it shuts down or has too much to do. */
function readinessOf(isDraining: boolean, { overload }: LoadShedding): Readiness {
  const checks = { draining: isDraining ? 'yes' : 'no', load: overload ?? 'fine' }
  return { isReady: !isDraining && overload === undefined, checks }
}

function systemClock(): number {
  return Date.now() / 1000
}

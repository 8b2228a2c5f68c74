import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import type { Logger } from 'pino'
import type { Readiness } from './admin/status-routes.ts'
import type { Config } from './config/config.ts'
import { packageVersion } from './config/package-files.ts'
import { rejectsToken } from './forage/token-rejections.ts'
import { createUpstream, type Upstream } from './forwarding/upstream.ts'
import { createCors } from './gate/cors.ts'
import { tokenOf } from './gate/credentials.ts'
import { readFacts } from './gate/request-facts.ts'
import { createAdmin } from './gateway-admin.ts'
import { gateOver, sessionsOf } from './gateway-gate.ts'
import type { Issuance } from './gateway-issuing.ts'
import { type IssuingMachine, issuingOf, ownIssuanceOf } from './gateway-issuing-machine.ts'
import { type Leases, leasesOf } from './gateway-leases.ts'
import { clientLimitsOf, upstreamBudgetOf } from './gateway-limits.ts'
import { type GatewayState, openState } from './gateway-state.ts'
import { createClientAddress } from './hosts/client-address.ts'
import { connectionCap, openFilesLimit } from './hosts/connection-cap.ts'
import { logOverload } from './hosts/listener-log.ts'
import type { LoadMeter } from './hosts/load-meter.ts'
import { createLoadShedding, type LoadShedding } from './hosts/load-shedding.ts'
import { createStandalone } from './hosts/standalone.ts'
import { createAccessLog } from './observability/access-log.ts'
import { type Counters, createCounters } from './observability/counters.ts'
import { logFault } from './observability/fault-log.ts'
import { openLogger } from './observability/logger.ts'
import { createMetrics, type Metrics } from './observability/metrics.ts'
import { timedBudget } from './observability/metrics-budget.ts'
import { countingRevocations } from './observability/metrics-revocations.ts'
import { createRequestIds } from './observability/request-ids.ts'
import type { Sessions } from './session/create-sessions.ts'
import type { AskOthers } from './session/verify-session.ts'

/** What a gateway consists of. */
export interface Machine {
  readonly server: Server
  /** Null: none. */
  readonly admin: Server | null
  readonly upstream: Upstream
  readonly state: GatewayState
  /** Null: there is no budget, or it is not shared. */
  readonly leases: Leases | null
  readonly sessions: Sessions
  readonly issuing: IssuingMachine | null
  readonly shedding: LoadShedding
  readonly counters: () => Counters
  readonly metrics: Metrics
  readonly logger: Logger
  readonly flush: () => void
  isDraining: boolean
}

export interface MachineParts {
  readonly loadMeter: LoadMeter
  /** Where session tokens are obtained. Default: in this process. */
  readonly issuance?: Issuance | undefined
  /** Who else may have a token on record. Default: nobody. */
  readonly askOthers?: AskOthers | undefined
}

/** Puts the parts together. */
export async function assemble(config: Config, given: MachineParts): Promise<Machine> {
  const parts = await createParts(config, given)
  const isDraining = (): boolean => machine.isDraining
  const built = {
    ...parts,
    server: createListener(config, parts, isDraining),
    admin: createOperatorListener(config, parts, isDraining),
    leases: leasesOf(config, parts.budget, parts.state),
    counters: parts.counters.snapshot,
  }
  const machine: Machine = { ...built, isDraining: false }
  return machine
}

/** What the listeners are made of. */
type Parts = Awaited<ReturnType<typeof createParts>>

async function createParts(config: Config, { loadMeter, issuance, askOthers }: MachineParts) {
  const { logger, flush } = openLogger(config.log)
  const state = await openState(config, logger)
  const { askOthers: askReplicas, ...tellReplicas } = state.sessionParts
  // A worker hears from its keeper, which tells the other replicas.
  const isWorker = issuance !== undefined
  const asking = { logger, askOthers: askReplicas ?? askOthers }
  const sessions = await sessionsOf(config, systemClock, isWorker ? asking : { ...asking, ...tellReplicas })
  const whole = upstreamBudgetOf(config)
  const budget = whole && timedBudget(whole, seconds => metrics.noteBudgetWait(seconds))
  const registry = countingRevocations(sessions.registry, () => metrics.noteRevocation())
  const own = issuance ? null : ownIssuanceOf(config, { registry, logger, budget })
  const version = packageVersion()
  const metrics = createMetrics({ version, sessions, budget, issuance: own, configGeneration: () => 1 })
  const clientLimits = clientLimitsOf(config, state)
  const issuing = issuingOf(config, { issuance: issuance ?? own, own, limits: clientLimits, state, logger })
  state.join(sessions, own)
  return {
    logger,
    flush,
    state,
    sessions,
    registry,
    budget,
    metrics,
    clientLimits,
    issuing,
    upstream: createUpstream({ ...config.upstream, origin: config.upstream.api, ...config.limits }),
    shedding: createLoadShedding({ meter: loadMeter, onChange: overload => logOverload(logger, overload) }),
    counters: createCounters(),
  }
}

function createListener(config: Config, parts: Parts, isDraining: () => boolean): Server {
  const { sessions, clientLimits, issuing, upstream, budget, metrics, counters, shedding, logger } = parts
  const { environment } = config
  const accessLog = createAccessLog({ logger, environment, hashKey: randomBytes(32) })
  const nextIds = createRequestIds()
  return createStandalone({
    ...listenerOptions(config),
    ...issuing?.listener,
    gate: gateOver(config, { sessions, now: systemClock, limits: clientLimits, ...issuing?.gate }),
    upstream,
    budget,
    observe(story) {
      counters.observe(story)
      metrics.observe(story)
      accessLog(story)
    },
    onFault: (error, requestId) => logFault(logger, error, requestId),
    onUnauthorized(decision, body) {
      if (rejectsToken(body)) sessions.registry.reject(tokenOf(decision.facts))
    },
    nextIds() {
      metrics.noteBegun()
      return nextIds()
    },
    isDraining,
    isOverloaded: () => shedding.overload !== undefined,
  })
}

function createOperatorListener(config: Config, parts: Parts, isDraining: () => boolean): Server | null {
  const { sessions, registry, issuing, metrics, counters, shedding, state, logger } = parts
  return createAdmin(config, {
    startedAt: performance.now(),
    sessions,
    registry,
    issuance: issuing?.own ?? null,
    metrics: metrics.snapshot,
    counters: counters.snapshot,
    isDraining,
    workers: () => ({ configured: 1, live: 1, restarts: 0 }),
    state,
    readiness: () => readinessOf(isDraining(), shedding, state),
    logger,
  })
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

/** One process is ready unless it shuts down or has too much to do. */
function readinessOf(isDraining: boolean, { overload }: LoadShedding, { isShared, shared }: GatewayState): Readiness {
  const load = { draining: isDraining ? 'yes' : 'no', load: overload ?? 'fine' }
  // A state that is away is told of, and no reason to turn clients away: each replica goes on with what it knows.
  const checks = isShared ? { ...load, state: shared.health.status } : load
  return { isReady: !isDraining && overload === undefined, checks }
}

function systemClock(): number {
  return Date.now() / 1000
}

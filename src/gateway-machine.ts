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
import { createOwnCredentials } from './gate/own-credentials.ts'
import { readFacts } from './gate/request-facts.ts'
import { createAdmin } from './gateway-admin.ts'
import { type GateParts, gateOver, sessionsOf } from './gateway-gate.ts'
import {
  callersOf,
  createOwnIssuance,
  createTokenEndpoint,
  type Issuance,
  type OwnIssuance,
} from './gateway-issuing.ts'
import { blockedRequestOf } from './gateway-leaks.ts'
import { clientLimitsOf, upstreamBudgetOf } from './gateway-limits.ts'
import { createClientAddress } from './hosts/client-address.ts'
import { connectionCap, openFilesLimit } from './hosts/connection-cap.ts'
import { logOverload } from './hosts/listener-log.ts'
import type { LoadMeter } from './hosts/load-meter.ts'
import { createLoadShedding, type LoadShedding } from './hosts/load-shedding.ts'
import { createStandalone } from './hosts/standalone.ts'
import type { StandaloneOptions } from './hosts/standalone-options.ts'
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
  readonly sessions: Sessions
  readonly issuing: IssuingMachine | null
  readonly shedding: LoadShedding
  readonly counters: () => Counters
  readonly metrics: Metrics
  readonly logger: Logger
  readonly flush: () => void
  isDraining: boolean
}

/** What issues session tokens. */
export interface IssuingMachine {
  /** Null: another process obtains them. */
  readonly own: OwnIssuance | null
  /** Uses the secrets of the configuration as they are in the files now. @throws ConfigError when they are not fit */
  renewSecrets(): void
}

export interface MachineParts {
  readonly loadMeter: LoadMeter
  /** Where session tokens are obtained. Default: in this process. */
  readonly issuance?: Issuance | undefined
  /** Who else may have a token on record. Default: nobody. */
  readonly askOthers?: AskOthers | undefined
}

/** Puts the parts together. */
export async function assemble(config: Config, parts: MachineParts): Promise<Machine> {
  const { environment, limits } = config
  const { logger, flush } = openLogger(config.log)
  const sessions = await sessionsOf(config, systemClock, { logger, askOthers: parts.askOthers })
  const upstream = createUpstream({ ...config.upstream, origin: config.upstream.api, ...limits })
  const whole = upstreamBudgetOf(config)
  const budget = whole && timedBudget(whole, seconds => metrics.noteBudgetWait(seconds))
  const registry = countingRevocations(sessions.registry, () => metrics.noteRevocation())
  const counters = createCounters()
  const accessLog = createAccessLog({ logger, environment, hashKey: randomBytes(32) })
  const shedding = createLoadShedding({ meter: parts.loadMeter, onChange: overload => logOverload(logger, overload) })
  const isDraining = (): boolean => machine.isDraining
  const clientLimits = clientLimitsOf(config)
  const own = parts.issuance ? null : ownIssuanceOf(config, { registry, logger, budget })
  const metrics = createMetrics({
    version: packageVersion(),
    sessions,
    budget,
    issuance: own,
    configGeneration: () => 1,
  })
  const nextIds = createRequestIds()
  const issuing = issuingOf(config, { issuance: parts.issuance ?? own, own, limits: clientLimits, logger })
  const server = createStandalone({
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
  const admin = createAdmin(config, {
    startedAt: performance.now(),
    sessions,
    registry,
    issuance: own,
    metrics: metrics.snapshot,
    counters: counters.snapshot,
    isDraining,
    workers: () => ({ configured: 1, live: 1, restarts: 0 }),
    readiness: () => readinessOf(machine.isDraining, shedding),
    logger,
  })
  const built = { server, admin, upstream, sessions, issuing, shedding, metrics, logger, flush }
  const machine: Machine = { ...built, counters: counters.snapshot, isDraining: false }
  return machine
}

function ownIssuanceOf(config: Config, parts: Parameters<typeof createOwnIssuance>[2]): OwnIssuance | null {
  return config.issuing && createOwnIssuance(config, config.issuing, parts)
}

interface IssuingParts {
  readonly issuance: Issuance | null
  readonly own: OwnIssuance | null
  readonly limits: ReturnType<typeof clientLimitsOf>
  readonly logger: Logger
}

/** What issuing adds to the listener and to the gate. */
interface IssuingAdditions extends IssuingMachine {
  readonly listener: Pick<StandaloneOptions, 'issueSessionToken' | 'onBlockedCredential'>
  readonly gate: Pick<GateParts, 'holdsOwnCredential'>
}

function issuingOf(
  { issuing, session }: Config,
  { issuance, own, limits, logger }: IssuingParts,
): IssuingAdditions | null {
  if (issuing === null || issuance === null) return null
  const callers = callersOf(issuing, session.clockToleranceSec, logger)
  const searched = ({ clientId, clientSecret }: typeof issuing.secrets) =>
    createOwnCredentials([clientId, clientSecret])
  let holds = searched(issuing.secrets)
  return {
    own,
    listener: {
      issueSessionToken: createTokenEndpoint(issuing, { callers, issuance, limits }),
      onBlockedCredential: (head, decision) => issuance.noteBlocked(blockedRequestOf(head, decision)),
    },
    gate: { holdsOwnCredential: head => holds(head) },
    renewSecrets() {
      const secrets = issuing.readSecrets()
      holds = searched(secrets)
      callers.useBackendKeys(secrets.backendKeys)
      own?.useSecrets(secrets)
    },
  }
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
function readinessOf(isDraining: boolean, { overload }: LoadShedding): Readiness {
  const checks = { draining: isDraining ? 'yes' : 'no', load: overload ?? 'fine' }
  return { isReady: !isDraining && overload === undefined, checks }
}

function systemClock(): number {
  return Date.now() / 1000
}

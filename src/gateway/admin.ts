import type { Server } from 'node:http'
import type { Logger } from 'pino'
import { createAdminServer } from '../admin/admin-server.ts'
import type { Activity } from '../admin/console-activity.ts'
import { consoleRoutes } from '../admin/console-routes.ts'
import { explainRoutes } from '../admin/explain-routes.ts'
import { metricsRoutes } from '../admin/metrics-routes.ts'
import { openapiRoutes } from '../admin/openapi.ts'
import { type RevocationParts, revocationRoutes } from '../admin/revocation-routes.ts'
import { type Readiness, statusRoutes } from '../admin/status-routes.ts'
import { tokenRoutes } from '../admin/token-routes.ts'
import type { Config } from '../config/config.ts'
import { logFault } from '../observability/fault-log.ts'
import type { MetricsSnapshot } from '../observability/metrics-snapshot.ts'
import type { SessionRegistry } from '../session/session-registry.ts'
import type { RecordAudit } from './audit.ts'
import { consolePartsOf } from './console.ts'
import { explainOver } from './explain.ts'
import type { OwnIssuance } from './issuing.ts'
import { type GatewayState, gatewayStatus } from './status.ts'

export interface AdminParts extends GatewayState {
  /** Takes what is registered and revoked over the listener. */
  readonly registry: SessionRegistry
  /** Null: no session tokens are issued here. */
  readonly issuance: OwnIssuance | null
  readonly readiness: () => Readiness
  /** Asked at each scrape. */
  readonly metrics: () => Promise<MetricsSnapshot>
  /** What has happened lately, for the console. */
  readonly activity: Activity
  readonly logger: Logger
  readonly record: RecordAudit
}

/** The listener for operators, of one process or of the one that keeps several; null where none is configured. */
export function createAdmin(parts: AdminParts): Server | null {
  const { reloading, registry, readiness, metrics, logger, record } = parts
  const current = (): Config => reloading.current().config
  const { admin } = current()
  if (!admin) return null
  const routes = [
    ...statusRoutes(readiness, () => gatewayStatus(current(), parts)),
    ...metricsRoutes(metrics),
    ...openapiRoutes(),
    ...consoleRoutes(consolePartsOf(parts)),
    ...explainRoutes(explainOver(parts)),
    ...tokenRoutes(registry, {
      policy: () => current().policy,
      settled: parts.state.settled,
      onRegistered: (count, useCases) => record({ event: 'tokens_registered', time: nowSec(), count, useCases }),
    }),
    ...revocationRoutes(revocationsOver(parts)),
  ]
  return createAdminServer({
    host: admin.host,
    token: () => current().admin?.token,
    routes,
    onFault: error => logFault(logger, error, ''),
    onCall: call => record({ event: 'admin_call', time: nowSec(), ...call }),
  })
}

/** What revocations take effect on, and who is told of them. */
function revocationsOver(parts: AdminParts): RevocationParts {
  const { registry, sessions, state, issuance, reloading, logger, record } = parts
  return {
    registry,
    useCases: {
      named: () => useCasesIn(reloading.current().config),
      mayBeOthers: () => mayBeOthers(reloading.current().config),
      ledger: sessions.ledger,
    },
    reach: async () => ((await state.revocationTold()) ? 'everywhere' : 'here'),
    retire: async which => issuance?.retire(which) ?? { replaced: [], pending: [] },
    onRevoked(kind, useCases, reach) {
      const shared = reach === 'here' && { shared: false as const }
      logger.warn({ event: 'sessions_revoked', kind, use_cases: useCases, ...shared }, 'sessions revoked')
      record({ event: 'sessions_revoked', time: nowSec(), kind, useCases, ...shared })
    },
  }
}

/** The use cases that sessions are issued for, then those that the policy grants something. */
function useCasesIn({ issuing, policy }: Config): ReadonlySet<string> {
  return new Set([...(issuing?.useCases ?? []), ...policy.useCases.keys()])
}

/** A policy that lists none lets any name be registered, and another replica may have done so. */
function mayBeOthers({ policy, state }: Config): boolean {
  return policy.useCases.size === 0 && state.redis !== null
}

function nowSec(): number {
  return Date.now() / 1000
}

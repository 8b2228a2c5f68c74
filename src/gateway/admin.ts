import type { Server } from 'node:http'
import type { Logger } from 'pino'
import { createAdminServer } from '../admin/admin-server.ts'
import type { Activity } from '../admin/console-activity.ts'
import { consoleRoutes } from '../admin/console-routes.ts'
import { explainRoutes } from '../admin/explain-routes.ts'
import { metricsRoutes } from '../admin/metrics-routes.ts'
import { openapiRoutes } from '../admin/openapi.ts'
import { revocationRoutes } from '../admin/revocation-routes.ts'
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
  const { reloading, registry, issuance, readiness, metrics, logger, record } = parts
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
    ...revocationRoutes({
      registry,
      retire: async which => issuance?.retire(which) ?? [],
      onRevoked(kind, useCases) {
        logger.warn({ event: 'sessions_revoked', kind, use_cases: useCases }, 'sessions revoked')
        record({ event: 'sessions_revoked', time: nowSec(), kind, useCases })
      },
    }),
  ]
  return createAdminServer({
    host: admin.host,
    token: () => current().admin?.token,
    routes,
    onFault: error => logFault(logger, error, ''),
    onCall: call => record({ event: 'admin_call', time: nowSec(), ...call }),
  })
}

function nowSec(): number {
  return Date.now() / 1000
}

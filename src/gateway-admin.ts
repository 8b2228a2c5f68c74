import type { Server } from 'node:http'
import type { Logger } from 'pino'
import { createAdminServer } from './admin/admin-server.ts'
import { metricsRoutes } from './admin/metrics-routes.ts'
import { revocationRoutes } from './admin/revocation-routes.ts'
import { type Readiness, statusRoutes } from './admin/status-routes.ts'
import { tokenRoutes } from './admin/token-routes.ts'
import type { Config } from './config/config.ts'
import type { OwnIssuance } from './gateway-issuing.ts'
import { type GatewayState, gatewayStatus } from './gateway-status.ts'
import { logFault } from './observability/fault-log.ts'
import type { MetricsSnapshot } from './observability/metrics-snapshot.ts'
import type { SessionRegistry } from './session/session-registry.ts'

export interface AdminParts extends GatewayState {
  /** Takes what is registered and revoked over the listener. */
  readonly registry: SessionRegistry
  /** Null: no session tokens are issued here. */
  readonly issuance: OwnIssuance | null
  readonly readiness: () => Readiness
  /** Asked at each scrape. */
  readonly metrics: () => Promise<MetricsSnapshot>
  readonly logger: Logger
}

/** The listener for operators, of one process or of the one that keeps several; null where none is configured. */
export function createAdmin(config: Config, parts: AdminParts): Server | null {
  if (!config.admin) return null
  const { host, token } = config.admin
  const { registry, issuance, readiness, metrics, logger } = parts
  const routes = [
    ...statusRoutes(readiness, () => gatewayStatus(config, parts)),
    ...metricsRoutes(metrics),
    ...tokenRoutes(registry, config.policy, parts.state.settled),
    ...revocationRoutes({
      registry,
      retire: async which => issuance?.retire(which) ?? [],
      onRevoked: (kind, useCases) =>
        logger.warn({ event: 'sessions_revoked', kind, use_cases: useCases }, 'sessions revoked'),
    }),
  ]
  return createAdminServer({ host, token, routes, onFault: error => logFault(logger, error, '') })
}

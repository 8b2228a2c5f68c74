import type { Server } from 'node:http'
import type { Logger } from 'pino'
import { createAdminServer } from './admin/admin-server.ts'
import { revocationRoutes } from './admin/revocation-routes.ts'
import { type Readiness, statusRoutes } from './admin/status-routes.ts'
import { tokenRoutes } from './admin/token-routes.ts'
import type { Config } from './config/config.ts'
import { type GatewayState, gatewayStatus } from './gateway-status.ts'
import { logFault } from './observability/fault-log.ts'
import type { SessionRegistry } from './session/session-registry.ts'

export interface AdminParts extends GatewayState {
  /** Takes what is registered and revoked over the listener. */
  readonly registry: SessionRegistry
  readonly readiness: () => Readiness
  readonly logger: Logger
}

/** The listener for operators, of one process or of the one that keeps several; null where none is configured. */
export function createAdmin(config: Config, parts: AdminParts): Server | null {
  if (!config.admin) return null
  const { host, token } = config.admin
  const { registry, readiness, logger } = parts
  const routes = [
    ...statusRoutes(readiness, () => gatewayStatus(config, parts)),
    ...tokenRoutes(registry, config.policy),
    ...revocationRoutes(registry, kind => logger.info({ kind }, 'sessions revoked')),
  ]
  return createAdminServer({ host, token, routes, onFault: error => logFault(logger, error, '') })
}

import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import type { AuditTrail } from '../observability/audit-trail.ts'
import { type OpenLogger, openLogger } from '../observability/logger.ts'
import type { Destination } from '../observability/metrics.ts'
import { openAudit, type RecordAudit } from './audit.ts'
import { type InForce, inForceOf } from './in-force.ts'

/** Where a process tells what happens in it. */
export interface Telemetry {
  readonly inForce: InForce
  readonly log: OpenLogger
  readonly logger: Logger
  /** Null: there is none, or another process keeps it. */
  readonly trail: AuditTrail | null
  readonly record: RecordAudit
}

/**
 * Opens the log and the audit trail.
 *
 * @param recordAudit who keeps the trail; undefined: this process
 * @throws GatewayError ERR_FORAGE_LOG when a file cannot be opened
 */
export function openTelemetry(config: Config, generation: number, recordAudit?: RecordAudit): Telemetry {
  const inForce = inForceOf({ config, generation })
  const log = openLogger(config.log)
  const { logger } = log
  const trail = recordAudit ? null : openAudit(config, inForce, logger)
  return { inForce, log, logger, trail, record: recordAudit ?? trail?.record ?? (() => {}) }
}

/** What never got to where it should have, for the metrics. */
export function lossesOf(
  { log, trail }: Telemetry,
  spans: () => number = () => 0,
): Readonly<Record<Destination, () => number>> {
  return { log: () => log.lost(), audit: () => trail?.counts().lost ?? 0, spans }
}

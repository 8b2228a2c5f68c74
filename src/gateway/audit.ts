import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import type { AuditEvent } from '../observability/audit-event.ts'
import { type AuditTrail, createAuditTrail } from '../observability/audit-trail.ts'
import type { ReloadResult } from '../observability/metrics.ts'
import type { InForce } from './in-force.ts'

/** Tells the audit trail of what happened. Does nothing where there is none. */
export type RecordAudit = (event: AuditEvent) => void

/** Opens the audit trail that is configured; null: there is none. @throws GatewayError ERR_FORAGE_LOG */
export function openAudit({ audit }: Pick<Config, 'audit'>, inForce: InForce, logger: Logger): AuditTrail | null {
  if (audit === null) return null
  return createAuditTrail({
    ...audit,
    policyDigest: () => inForce.policyDigest,
    configGeneration: () => inForce.generation,
    onFault: code => logger.error({ event: 'audit_fault', error_code: code }, 'the audit trail loses lines'),
  })
}

/** Says that the gateway began, and by what it verifies. */
export function recordStart(record: RecordAudit, { environment, session }: Config, version: string): void {
  record({ event: 'started', time: Date.now() / 1000, version, environment, verify: session.verify })
}

/** Says that a configuration was put in force, or refused. */
export function recordReload(record: RecordAudit, result: ReloadResult, inForce: InForce, problems: number): void {
  record({
    event: result === 'success' ? 'configuration_loaded' : 'configuration_refused',
    time: Date.now() / 1000,
    generation: inForce.generation,
    result,
    ...(result === 'success' ? { digest: inForce.policyDigest } : { problems }),
  })
}

/** Says that it ended in order. */
export function recordStop(record: RecordAudit): void {
  record({ event: 'stopped', time: Date.now() / 1000 })
}

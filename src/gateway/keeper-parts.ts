import { randomBytes } from 'node:crypto'
import { createActivity } from '../admin/console-activity.ts'
import type { Config } from '../config/config.ts'
import { packageVersion } from '../config/package-files.ts'
import { createMetrics, type Metrics } from '../observability/metrics.ts'
import { countingRevocations } from '../observability/metrics-revocations.ts'
import type { Sessions } from '../session/create-sessions.ts'
import { announcing, type SessionNews } from '../session/session-news.ts'
import type { SessionRegistry } from '../session/session-registry.ts'
import { sessionsOf } from './gate.ts'
import { createOwnIssuance, type OwnIssuance } from './issuing.ts'
import { type Leases, leasesOf } from './leases.ts'
import { upstreamBudgetOf } from './limits.ts'
import { systemClock } from './parts.ts'
import { type GatewayState, openState } from './state.ts'
import { lossesOf, openTelemetry, type Telemetry } from './telemetry.ts'

/** What a keeper is made of. */
export interface KeeperParts extends Telemetry {
  readonly state: GatewayState
  /** Key of the fingerprints in the logs of all processes. */
  readonly fingerprintKey: Uint8Array
  readonly sessions: Sessions
  /** Takes what is registered and revoked, and tells the workers. */
  readonly registry: SessionRegistry
  /** Of the budget that tokens are obtained with; null: it is not shared. */
  readonly leases: Leases | null
  /** Null: no session tokens are issued. */
  readonly issuance: OwnIssuance | null
  readonly metrics: Metrics
  readonly activity: ReturnType<typeof createActivity>
}

/** Makes what the keeper itself does for its workers. @param announce tells all of them about sessions */
export async function createKeeperParts(config: Config, announce: (news: SessionNews) => void): Promise<KeeperParts> {
  const telemetry = openTelemetry(config, 1)
  const { inForce, logger, record } = telemetry
  const state = await openState(config, logger)
  const { askOthers, onRecorded, onRevoked } = state.sessionParts
  const fingerprintKey = config.log.fingerprintKey ?? randomBytes(32)
  const sessions = await sessionsOf(config, systemClock, { askOthers, onRecorded, onRevoked, fingerprintKey, logger })
  const registry = countingRevocations(announcing(sessions, announce), () => metrics.noteRevocation())
  const budget = config.issuing && upstreamBudgetOf(config)
  const leases = leasesOf(config, budget, state)
  await leases?.renew()
  const issuance = config.issuing && createOwnIssuance(config, config.issuing, { registry, logger, record, budget })
  state.join(sessions, issuance, {
    onRecord: entry => announce({ kind: 'known', entries: [entry], revocations: [] }),
  })
  const lost = lossesOf(telemetry)
  const sharedState = state.isShared ? state.shared : undefined
  const metrics = createMetrics({ version: packageVersion(), sessions, budget, sharedState, issuance, inForce, lost })
  const activity = createActivity()
  return { ...telemetry, state, fingerprintKey, sessions, registry, leases, issuance, metrics, activity }
}

import { randomBytes } from 'node:crypto'
import type { Activity } from './admin/console-activity.ts'
import type { Config } from './config/config.ts'
import { packageVersion } from './config/package-files.ts'
import type { Gate } from './gate/decide.ts'
import type { RecordAudit } from './gateway/audit.ts'
import { recordStart, recordStop } from './gateway/audit.ts'
import { createEnding, type Ending } from './gateway/ending.ts'
import { gateOver, ownCredentialsOf, sessionsOf } from './gateway/gate.ts'
import type { Issuance } from './gateway/issuing.ts'
import { assemble } from './gateway/machine.ts'
import type { Generation } from './gateway/reload.ts'
import { type DrainOptions, drain } from './hosts/drain.ts'
import { listen, urlOf } from './hosts/listen.ts'
import { watchListener } from './hosts/listener-log.ts'
import { createLoadMeter, type LoadMeter } from './hosts/load-meter.ts'
import type { Counters } from './observability/counters.ts'
import type { ReloadResult } from './observability/metrics.ts'
import type { MetricsSnapshot } from './observability/metrics-snapshot.ts'
import type { Sessions } from './session/create-sessions.ts'
import type { AskOthers } from './session/verify-session.ts'

/** A gateway that can be started and stopped once. */
export interface Gateway extends Ending {
  /** Where it listens, such as `http://127.0.0.1:8080`; `''` before `start`. */
  readonly url: string
  /** Where operators reach it; `''` before `start`, and where there is no admin listener. */
  readonly adminUrl: string
  /** Where other gateways ask for decisions; `''` before `start`, and where none do. */
  readonly forwardAuthUrl: string
  /** What is known about session tokens. */
  readonly sessions: Sessions
  /** Figures since the start. */
  readonly counters: () => Counters
  /** What has happened lately, for the console. */
  readonly activity: Activity
  /** What `/metrics` tells. */
  readonly metrics: () => Promise<MetricsSnapshot>
  /** Opens the files of the log and of the audit trail again, after a rotation. */
  reopenLogs(): void
  /** Reads the configuration again, and puts it in force or keeps the one that is. Never rejects. */
  reload(): Promise<ReloadResult>
  /** The same with one that another process has read. */
  use(next: Generation): Promise<ReloadResult>
  /** @throws GatewayError ERR_FORAGE_LISTEN when an address cannot be had */
  start(): Promise<void>
}

/** The decision alone, as the configuration says. @param now seconds since the epoch; default: the system clock */
export async function createGateFromConfig(config: Config, now: () => number = () => Date.now() / 1000): Promise<Gate> {
  const holdsOwnCredential = ownCredentialsOf(config)
  return gateOver(config, { sessions: await sessionsOf(config, now), now, holdsOwnCredential })
}

export interface GatewayParts {
  /** Default: measures this process. */
  readonly loadMeter?: LoadMeter
  /** How connections come that wait to be accepted. Default: from the system. */
  readonly nextTurn?: NonNullable<DrainOptions['nextTurn']>
  /** Where session tokens are obtained. Default: in this process. */
  readonly issuance?: Issuance
  /** Who else may have a token on record. Default: nobody. */
  readonly askOthers?: AskOthers
  /** Key of the fingerprints in logs. Default: the configured one, or a new one. */
  readonly fingerprintKey?: Uint8Array
  /** Of the configuration. Default 1. */
  readonly generation?: number
  /** Who keeps the audit trail. Default: this process, where one is configured. */
  readonly recordAudit?: RecordAudit
}

/** Puts the parts together. Nothing listens and nothing is sent before `start`. */
export async function createGateway(config: Config, parts: GatewayParts = {}): Promise<Gateway> {
  const { loadMeter = createLoadMeter(), issuance, askOthers, nextTurn, recordAudit, generation = 1 } = parts
  const fingerprintKey = parts.fingerprintKey ?? config.log.fingerprintKey ?? randomBytes(32)
  const machine = await assemble(config, { loadMeter, issuance, askOthers, recordAudit, fingerprintKey, generation })
  const { server, authorizer, admin, upstream, issuing, leases, state, shedding, reloading, log, logger } = machine

  async function start(): Promise<void> {
    if (admin && config.admin) await listen(admin, { ...config.admin, key: 'admin' }, watchListener(admin, logger))
    await leases?.renew()
    try {
      if (authorizer && config.forwardAuth)
        await listen(authorizer, { ...config.forwardAuth, key: 'forwardAuth' }, watchListener(authorizer, logger))
      await listen(server, { ...config.listen, key: 'listen' }, watchListener(server, logger))
    } catch (error) {
      admin?.close()
      authorizer?.close()
      throw error
    }
    if (!recordAudit) recordStart(machine.record, config, packageVersion())
    shedding.start()
    issuing?.own?.start()
    reloading.watch()
  }

  /** The admin listener goes last: until then it tells that the gateway is alive, and not to be sent anything more. */
  async function end(lameDuckMs: number): Promise<void> {
    machine.isDraining = true
    reloading.unwatch()
    const patience = { lameDuckMs, timeoutMs: config.drainTimeoutMs, ...(nextTurn && { nextTurn }) }
    const [cut] = await Promise.all([drain(server, patience), authorizer && drain(authorizer, patience)])
    if (cut > 0) logger.warn({ event: 'requests_cut', requests: cut }, 'requests were cut: drainTimeoutMs was over')
    shedding.stop()
    await Promise.all([upstream.close(), issuing?.own?.close()])
    await leases?.close()
    await state.close()
    await machine.tracing?.close()
    admin?.closeAllConnections()
    admin?.close()
    if (!recordAudit) recordStop(machine.record)
    await Promise.all([machine.trail?.close(), log.drain()])
  }

  return {
    get url() {
      return urlOf(server)
    },
    get adminUrl() {
      return admin ? urlOf(admin) : ''
    },
    sessions: machine.sessions,
    counters: machine.counters.snapshot,
    activity: machine.activity,
    metrics: machine.metrics.snapshot,
    get forwardAuthUrl() {
      return authorizer ? urlOf(authorizer) : ''
    },
    reopenLogs() {
      log.reopen()
      machine.trail?.reopen()
    },
    reload: reloading.reload,
    use: reloading.use,
    start,
    ...createEnding(logger, config.lameDuckMs ?? 0, end),
  }
}

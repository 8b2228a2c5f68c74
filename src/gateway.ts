import type { Config } from './config/config.ts'
import type { Gate } from './gate/decide.ts'
import { createEnding, type Ending } from './gateway-ending.ts'
import { gateOver, sessionsOf } from './gateway-gate.ts'
import type { Issuance } from './gateway-issuing.ts'
import { assemble } from './gateway-machine.ts'
import { type DrainOptions, drain } from './hosts/drain.ts'
import { watchKeyFiles } from './hosts/key-files.ts'
import { listen, urlOf } from './hosts/listen.ts'
import { watchListener } from './hosts/listener-log.ts'
import { createLoadMeter, type LoadMeter } from './hosts/load-meter.ts'
import type { Counters } from './observability/counters.ts'
import type { MetricsSnapshot } from './observability/metrics-snapshot.ts'
import type { Sessions } from './session/create-sessions.ts'
import type { AskOthers } from './session/verify-session.ts'

/** A gateway that can be started and stopped once. */
export interface Gateway extends Ending {
  /** Where it listens, such as `http://127.0.0.1:8080`; `''` before `start`. */
  readonly url: string
  /** Where operators reach it; `''` before `start`, and where there is no admin listener. */
  readonly adminUrl: string
  /** What is known about session tokens. */
  readonly sessions: Sessions
  /** Figures since the start. */
  readonly counters: () => Counters
  /** What `/metrics` tells. */
  readonly metrics: () => Promise<MetricsSnapshot>
  /** @throws GatewayError ERR_FORAGE_LISTEN when an address cannot be had */
  start(): Promise<void>
}

/** The decision alone, as the configuration says. @param now seconds since the epoch; default: the system clock */
export async function createGateFromConfig(config: Config, now: () => number = () => Date.now() / 1000): Promise<Gate> {
  return gateOver(config, { sessions: await sessionsOf(config, now), now })
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
}

/** Puts the parts together. Nothing listens and nothing is sent before `start`. */
export async function createGateway(config: Config, parts: GatewayParts = {}): Promise<Gateway> {
  const { loadMeter = createLoadMeter(), issuance, askOthers, nextTurn } = parts
  const machine = await assemble(config, { loadMeter, issuance, askOthers })
  const { server, admin, upstream, issuing, leases, state, shedding, logger } = machine
  let stopWatching: readonly (() => void)[] = []

  async function start(): Promise<void> {
    if (admin && config.admin) await listen(admin, { ...config.admin, key: 'admin' }, watchListener(admin, logger))
    await leases?.renew()
    await listen(server, { ...config.listen, key: 'listen' }, watchListener(server, logger)).catch(error => {
      admin?.close()
      throw error
    })
    shedding.start()
    issuing?.own?.start()
    stopWatching = watchKeyFiles(config, machine)
  }

  /** The admin listener goes last: until then it tells that the gateway is alive, and not to be sent anything more. */
  async function end(lameDuckMs: number): Promise<void> {
    machine.isDraining = true
    for (const each of stopWatching) each()
    await drain(server, { lameDuckMs, timeoutMs: config.drainTimeoutMs, ...(nextTurn && { nextTurn }) })
    shedding.stop()
    await Promise.all([upstream.close(), issuing?.own?.close()])
    await leases?.close()
    await state.close()
    admin?.closeAllConnections()
    admin?.close()
    machine.flush()
  }

  return {
    get url() {
      return urlOf(server)
    },
    get adminUrl() {
      return admin ? urlOf(admin) : ''
    },
    sessions: machine.sessions,
    counters: machine.counters,
    metrics: machine.metrics.snapshot,
    start,
    ...createEnding(logger, config.lameDuckMs ?? 0, end),
  }
}

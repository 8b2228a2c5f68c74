import { randomBytes } from 'node:crypto'
import { loadConfig } from './config/load-config.ts'
import { createCors } from './gate/cors.ts'
import { readFacts } from './gate/request-facts.ts'
import { gateOver, ownCredentialsOf, sessionsOf } from './gateway/gate.ts'
import { clientLimitsOf } from './gateway/limits.ts'
import { refusedTokens } from './gateway/refused-tokens.ts'
import { openState } from './gateway/state.ts'
import { openTelemetry } from './gateway/telemetry.ts'
import { createClientAddress } from './hosts/client-address.ts'
import type { ConfiguredGuardOptions, GuardParts } from './hosts/guard-options.ts'
import { createAccessLog } from './observability/access-log.ts'
import { createStoryAudit } from './observability/audit-of-story.ts'
import { logFault } from './observability/fault-log.ts'
import { warnOfReported } from './observability/reported-log.ts'

/**
 * Puts together what a guard in somebody else's process needs of a configuration: the same decision, limits, log and
 * shared state as the gateway's, and no listener and no way to the upstream.
 *
 * @throws ConfigError (`ERR_FORAGE_CONFIG`), GatewayError `ERR_FORAGE_LOG`
 */
export async function configuredParts(options: ConfiguredGuardOptions): Promise<GuardParts> {
  const config = typeof options.config === 'string' ? loadConfig(options.config) : options.config
  const { log, logger, record, trail } = openTelemetry(config, 1)
  const fingerprintKey = config.log.fingerprintKey ?? randomBytes(32)
  warnOfReported(logger, config.policy)
  const state = await openState(config, logger)
  const sessions = await sessionsOf(config, systemClock, { logger, fingerprintKey, ...state.sessionParts })
  state.join(sessions, null)
  const limits = clientLimitsOf(config, state)
  // Session tokens are issued by a gateway only: here its route is none.
  const rules = { ...config, issuing: null }
  const gate = gateOver(rules, { sessions, now: systemClock, limits, holdsOwnCredential: ownCredentialsOf(config) })
  const {
    environment,
    log: { sampleSuccesses },
  } = config
  const { writeRequest } = log
  const accessLog = createAccessLog({ logger, writeRequest, environment, hashKey: fingerprintKey, sampleSuccesses })
  const auditOf = trail ? createStoryAudit({ hashKey: fingerprintKey, now: systemClock }) : () => undefined
  const { responseFields } = createCors(config.cors, [])
  const { observe = () => {}, onFault = (error, requestId) => logFault(logger, error, requestId) } = options
  return {
    gate,
    maxBodyBytes: config.limits.maxBodyBytes,
    observe(story) {
      accessLog(story)
      const event = auditOf(story)
      if (event) record(event)
      observe(story)
    },
    onFault,
    findClientAddress: createClientAddress(config.listen.trustedProxies ?? []),
    crossOriginFields: fields => responseFields(readFacts(fields)),
    onBlockedCredential() {},
    onUnauthorized: refusedTokens(config, sessions.registry, limits),
    sessions: sessions.registry,
    async close() {
      await state.close()
      await Promise.all([trail?.close(), log.drain()])
    },
  }
}

function systemClock(): number {
  return Date.now() / 1000
}

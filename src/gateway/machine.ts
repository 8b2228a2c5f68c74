import type { Server } from 'node:http'
import type { Config } from '../config/config.ts'
import { renewCertificate } from '../hosts/http-server.ts'
import { recordReload } from './audit.ts'
import { type InForce, inForceOf } from './in-force.ts'
import { type Leases, leasesOf } from './leases.ts'
import { createAuthorizer, createListener, createOperatorListener } from './listeners.ts'
import { createParts, type Parts, type Surroundings, systemClock } from './parts.ts'
import { createReloading, type Generation, type Reloading } from './reload.ts'
import { createRules } from './rules.ts'

/** What a gateway consists of. */
export interface Machine extends Parts {
  /** For clients. */
  readonly server: Server
  /** For gateways that ask for decisions. Null: none. */
  readonly authorizer: Server | null
  /** For operators. Null: none. */
  readonly admin: Server | null
  /** Null: there is no budget, or it is not shared. */
  readonly leases: Leases | null
  readonly reloading: Reloading
  isDraining: boolean
}

/** Puts the parts together. */
export async function assemble(config: Config, given: Surroundings): Promise<Machine> {
  const { generation, fingerprintKey } = given
  const parts = await createParts(config, given)
  const { sessions, clientLimits, issuing, tracing, logger, log } = parts
  const rules = createRules(
    { config, generation },
    {
      sessions,
      clientLimits,
      gate: { now: systemClock, sampling: tracing?.sampling ?? null, ...issuing?.gate },
      accessLog: { logger, writeRequest: log.writeRequest, hashKey: fingerprintKey },
    },
  )
  const listening = { ...parts, rules, fingerprintKey, isDraining: (): boolean => machine.isDraining }
  const server = createListener(config, listening)
  const reloading = createReloading({
    config,
    generation,
    async apply(next) {
      const useRules = await rules.prepare(next)
      // What may fail comes first: then nothing has changed.
      const inForce = inForceOf(next)
      if (next.config.listen.tls) renewCertificate(server, next.config.listen.tls)
      useRules()
      putInForce(next, inForce, parts)
    },
    onResult(result, problems) {
      // Of several processes it is their keeper that says so.
      if (given.recordAudit) return
      parts.metrics.noteReload(result)
      recordReload(parts.record, result, parts.inForce, problems)
    },
    logger,
  })
  const machine: Machine = {
    ...parts,
    server,
    authorizer: createAuthorizer(config, listening),
    admin: createOperatorListener({ ...listening, reloading }),
    leases: leasesOf(config, parts.budget, parts.state),
    reloading,
    isDraining: false,
  }
  return machine
}

/** What takes up its part of a configuration by itself. */
function putInForce({ config }: Generation, now: InForce, { issuing, state, logger, inForce }: Parts): void {
  if (config.issuing) issuing?.useSecrets(config.issuing.secrets)
  state.useSecrets(config.state)
  logger.level = config.log.level
  Object.assign(inForce, now)
}

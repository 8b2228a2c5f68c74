import { isDeepStrictEqual } from 'node:util'
import type { Config, StateConfig } from './config.ts'

/** What a running gateway makes of a configuration that was read again. */
export interface Reloaded {
  /** The new values where a running gateway can take them up, those in force elsewhere. */
  readonly config: Config
  /** Keys whose new values wait for a restart. */
  readonly needRestart: readonly string[]
}

/**
 * What holds until the process ends: addresses, connections, destinations, and what is remembered by rules that would
 * change. A key that holds others stands for all of them but those that {@link reload} takes over.
 */
const fixed: readonly (readonly [key: string, part: (config: Config) => unknown])[] = [
  ['environment', ({ environment }) => environment],
  ['listen', ({ listen: { tls, ...rest } }) => ({ ...rest, tls: tls && { clientCa: tls.clientCa !== null } })],
  ['admin', ({ admin }) => admin && { ...admin, token: null }],
  ['workers', ({ workers }) => workers],
  ['upstream', ({ upstream }) => upstream],
  ['session', ({ session }) => ({ ...session, keys: null })],
  ['issuing', ({ issuing }) => issuing && { ...issuing, secrets: null }],
  ['limits.maxBodyBytes', ({ limits }) => limits.maxBodyBytes],
  ['limits.maxHeaderBytes', ({ limits }) => limits.maxHeaderBytes],
  ['state', ({ state }) => withoutSecrets(state)],
  ['log', ({ log }) => ({ ...log, level: null, sampleSuccesses: null })],
  ['audit', ({ audit }) => audit],
  ['tracing', ({ tracing }) => tracing],
  ['forwardAuth', ({ forwardAuth }) => forwardAuth],
  ['lameDuckMs', ({ lameDuckMs }) => lameDuckMs],
  ['drainTimeoutMs', ({ drainTimeoutMs }) => drainTimeoutMs],
]

/** Puts together what is in force after a reload. */
export function reloadConfig(current: Config, next: Config): Reloaded {
  const { listen, admin, session, issuing, limits, state, log } = current
  const { maxBodyBytes, maxHeaderBytes } = limits
  const config: Config = {
    ...current,
    ...(next.source && { source: next.source }),
    policy: next.policy,
    merchantAccounts: next.merchantAccounts,
    cors: next.cors,
    listen: listen.tls && next.listen.tls ? { ...listen, tls: next.listen.tls } : listen,
    admin: admin && next.admin ? { ...admin, token: next.admin.token } : admin,
    session: { ...session, keys: next.session.keys },
    issuing: issuing && next.issuing ? { ...issuing, secrets: next.issuing.secrets } : issuing,
    limits: { ...next.limits, maxBodyBytes, maxHeaderBytes },
    // The password of another Redis is of no use to this one.
    state: isDeepStrictEqual(withoutSecrets(state), withoutSecrets(next.state)) ? next.state : state,
    log: { ...log, level: next.log.level, sampleSuccesses: next.log.sampleSuccesses },
  }
  const differs = ([, part]: (typeof fixed)[number]): boolean => !isDeepStrictEqual(part(current), part(next))
  return { config, needRestart: fixed.filter(differs).map(([key]) => key) }
}

function withoutSecrets({ redis, ...rest }: StateConfig): unknown {
  return { ...rest, redis: redis && { address: redis.address, sealingKey: redis.sealingKey } }
}

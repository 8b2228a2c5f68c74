import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import type { Config } from './config/config.ts'
import type { ClientLimits } from './gate/client-limits.ts'
import { createGate, type Gate } from './gate/decide.ts'
import type { HoldsOwnCredential } from './gate/own-credentials.ts'
import { createSessions, type Sessions, type SessionsOptions } from './session/create-sessions.ts'
import type { AskOthers } from './session/verify-session.ts'

/** What the gate asks. */
export interface GateParts {
  readonly sessions: Sessions
  /** Seconds since the epoch. */
  readonly now: () => number
  /** Default: none. */
  readonly limits?: ClientLimits
  /** Default: finds nothing. */
  readonly holdsOwnCredential?: HoldsOwnCredential
}

/** The gate of a configuration. */
export function gateOver(config: Config, { sessions, ...parts }: GateParts): Gate {
  const { policy, merchantAccounts, cors, issuing } = config
  const { maxBodyBytes, maxHeaderBytes } = config.limits
  const rules = { policy, merchantAccounts, cors, issuing, maxBodyBytes, maxHeaderBytes }
  return createGate({ ...rules, ...parts, sessions: sessions.verifier })
}

export interface SessionParts {
  /** Told of keys that cannot be had. Default: nobody. */
  readonly logger?: Logger
  /** Who else may have a token on record. Default: nobody. */
  readonly askOthers?: AskOthers | undefined
  /** Told of tokens that come on record here, and of revocations. Default: nobody. */
  readonly onRecorded?: SessionsOptions['onRecorded']
  readonly onRevoked?: SessionsOptions['onRevoked']
}

/** What a process knows about session tokens, as the configuration says. */
export function sessionsOf(config: Config, now: () => number, parts: SessionParts = {}): Promise<Sessions> {
  const { logger, askOthers, onRecorded, onRevoked } = parts
  const { environment, session, policy } = config
  return createSessions({
    environment,
    settings: session,
    keys: session.keys,
    scopeClaim: policy.scopeClaim,
    fingerprintKey: randomBytes(32),
    now,
    ...(askOthers && { askOthers }),
    ...(onRecorded && { onRecorded }),
    ...(onRevoked && { onRevoked }),
    onKeyFailure: () => logger?.warn('the published keys could not be fetched; the ones that are known stay in use'),
  })
}

import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { policyDigest } from '../config/policy-digest.ts'
import type { ClientLimits } from '../gate/client-limits.ts'
import { createGate, type Gate } from '../gate/decide.ts'
import { createOwnCredentials, type HoldsOwnCredential } from '../gate/own-credentials.ts'
import type { Sampling } from '../gate/trace-context.ts'
import { createSessions, type Sessions, type SessionsOptions } from '../session/create-sessions.ts'
import type { AskOthers } from '../session/verify-session.ts'

/** What the gate asks. */
export interface GateParts {
  readonly sessions: Sessions
  /** Seconds since the epoch. */
  readonly now: () => number
  /** Default: none. */
  readonly limits?: ClientLimits
  /** Default: finds nothing. */
  readonly holdsOwnCredential?: HoldsOwnCredential
  /** Of the configuration. Default 1. */
  readonly generation?: number
  /** Which requests get spans. Default: none. */
  readonly sampling?: Sampling | null
}

/** The gate of a configuration. */
export function gateOver(config: Config, { sessions, generation = 1, ...parts }: GateParts): Gate {
  const { policy, merchantAccounts, cors, issuing } = config
  const { maxBodyBytes, maxHeaderBytes } = config.limits
  const given = { policy, merchantAccounts, cors, issuing, maxBodyBytes, maxHeaderBytes }
  const rules = { policy: policyDigest(policy), generation }
  return createGate({ ...given, rules, ...parts, sessions: sessions.verifier })
}

/** Finds the merchant's own client id and secret: they are known where the gateway issues session tokens. */
export function ownCredentialsOf({ issuing }: Config): HoldsOwnCredential {
  return createOwnCredentials(issuing ? [issuing.secrets.clientId, issuing.secrets.clientSecret] : [])
}

export interface SessionParts {
  /** Key of the fingerprints that stand for tokens in logs. Default: a new one. */
  readonly fingerprintKey?: Uint8Array
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
  const { logger, askOthers, onRecorded, onRevoked, fingerprintKey = randomBytes(32) } = parts
  const { environment, session, policy } = config
  return createSessions({
    environment,
    settings: session,
    keys: session.keys,
    scopeClaim: policy.scopeClaim,
    fingerprintKey,
    now,
    ...(askOthers && { askOthers }),
    ...(onRecorded && { onRecorded }),
    ...(onRevoked && { onRevoked }),
    onKeyFailure: () => logger?.warn('the published keys could not be fetched; the ones that are known stay in use'),
  })
}

import type { IssuingConfig, IssuingSecrets } from '../config/config.ts'
import type { Environment } from '../forage/environments.ts'
import type { ForageClient } from '../forage/forage-client.ts'
import type { RevocationResult } from '../session/revocations.ts'
import type { TokenRefusal } from '../session/session.ts'
import { createAuthenticationTokens, type Retirement, type TokenChoice } from './authentication-tokens.ts'
import type { IssueRefusal } from './issue-refusal.ts'
import { createIssueSession, type IssuedSessionToken, type IssueSessionOptions } from './issue-session.ts'
import type { IssuedEvent, OnIssuingEvent } from './issuing-event.ts'
import { systemTimers, type Timers } from './timers.ts'
import type { Enter } from './token-source.ts'

/** Obtains session tokens from Forage: one process of a gateway has one. */
export interface Issuer {
  /**
   * @param useCase undefined: the default one
   * @param customer keyed hash of the customer's id, never the id itself
   */
  issue(useCase: string | undefined, customer: string | undefined): Promise<IssuedSessionToken | IssueRefusal>
  /**
   * Ends authentication tokens, of a use case or one by its text or digest. Their sessions are over before this returns;
   * it resolves once Forage was told, and another token was asked for.
   */
  retire(which: TokenChoice): Promise<Retirement>
  /** The use case that a text is or was an authentication token of, until that token's end. */
  useCaseOf(authenticationToken: string): string | undefined
  /** Uses another client id and secret from now on. */
  useSecrets(secrets: IssuingSecrets): void
  /** Obtains the authentication tokens ahead of need. */
  start(): void
  /** Ends what runs here. Tokens without live sessions are revoked; see `sessionsOutlive` for the others. */
  close(): Promise<void>
}

export interface IssuerOptions {
  readonly client: ForageClient
  readonly settings: Pick<IssuingConfig, 'merchantAccount' | 'authenticationTokens' | 'useCases' | 'secrets'>
  readonly environment: Environment
  /** Current time in seconds since the epoch. */
  readonly now: () => number
  /** Default: those of this process. */
  readonly timers?: Timers
  /** From 0 to 1. Default: Math.random, since it only spreads attempts. */
  readonly random?: () => number
  /** Told of every session token that is handed out. */
  readonly onIssued: (event: IssuedEvent) => void
  /** Told what happens to the authentication tokens. */
  readonly onEvent: OnIssuingEvent
  /** The registry's: puts a session token on record. */
  readonly record: IssueSessionOptions['record']
  /** The registry's: ends the sessions that were issued from an authentication token. */
  readonly revoke: (authenticationToken: string) => RevocationResult | TokenRefusal
  /** Asked before each request that Forage counts, except revocations. Default: always go. */
  readonly mayCall?: Enter
  /**
   * Whether sessions that were issued here are let in when this process is gone: by other replicas, or by this one's
   * next start. Then closing leaves the authentication tokens with live sessions to expire at Forage, since to revoke
   * them would end those sessions. Default true.
   */
  readonly sessionsOutlive?: boolean
  /** Most issues that are under way at a time. Default 2000. */
  readonly maxInFlight?: number
}

export function createIssuer(options: IssuerOptions): Issuer {
  const { settings, now, mayCall = alwaysGo, maxInFlight = 2000, sessionsOutlive = true } = options
  let { secrets } = settings
  const tokens = createAuthenticationTokens({
    ...settings.authenticationTokens,
    useCases: settings.useCases,
    client: options.client,
    credentials: () => secrets,
    environment: options.environment,
    now,
    timers: options.timers ?? systemTimers,
    random: options.random ?? Math.random,
    enter: mayCall,
    onEvent: options.onEvent,
    endSessions: ({ text }) => options.revoke(text) === 'revoked',
  })
  const { merchantAccount } = settings
  const issueSession = createIssueSession({ ...options, merchantAccount, mayCall })
  let inFlight = 0
  let isClosed = false

  return {
    async issue(useCase, customer) {
      const found = tokens.holderOf(useCase)
      if (!found) return { reason: 'use_case_unknown' }
      if (isClosed || inFlight >= maxInFlight) return { reason: 'overloaded', retryAfterSec: 1 }
      inFlight++
      try {
        return await issueSession({ ...found, customer })
      } finally {
        inFlight--
      }
    },
    retire: which => tokens.retire(which),
    useCaseOf: text => tokens.useCaseOf(text),
    useSecrets(changed) {
      secrets = changed
      tokens.forgetFailures()
    },
    start: () => tokens.start(),
    close() {
      isClosed = true
      return tokens.close(sessionsOutlive)
    },
  }
}

async function alwaysGo(): Promise<'go'> {
  return 'go'
}

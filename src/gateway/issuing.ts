import { createHmac } from 'node:crypto'
import type { Logger } from 'pino'
import type { Config, IssuingConfig, RateConfig } from '../config/config.ts'
import { createForageClient, type ForageClient } from '../forage/forage-client.ts'
import type { ClientLimits } from '../gate/client-limits.ts'
import type { IssueSessionToken } from '../hosts/issue-visit.ts'
import { type Callers, createCallers } from '../issuing/callers.ts'
import { isIssueRefusal } from '../issuing/issue-refusal.ts'
import { readIssueRequest } from '../issuing/issue-request.ts'
import { createIssuer, type Issuer } from '../issuing/issuing.ts'
import type { UpstreamBudget } from '../limits/budget-ticket.ts'
import { createRateLimit } from '../limits/rate-limit.ts'
import { auditOfIssuing } from '../observability/audit-of-issuing.ts'
import { createIssuingCounters, type IssuingCounts } from '../observability/issuing-counters.ts'
import { logIssuingEvent } from '../observability/issuing-log.ts'
import type { SessionRegistry } from '../session/session-registry.ts'
import type { RecordAudit } from './audit.ts'
import { createBudgetedClient } from './forage-client.ts'
import { type BlockedRequest, createTripwire } from './leaks.ts'
import type { GatewayState } from './state.ts'

/** Session tokens for callers, obtained in this process or asked of the one that keeps it. */
export interface Issuance extends Pick<Issuer, 'issue'> {
  /** Looks whether a credential that a client sent is one of ours. */
  noteBlocked(blocked: BlockedRequest): void
}

/** Session tokens that are obtained in this process. */
export interface OwnIssuance extends Issuance, Pick<Issuer, 'retire' | 'useSecrets' | 'start' | 'close'> {
  readonly counts: () => IssuingCounts
}

export interface IssuanceParts {
  readonly registry: SessionRegistry
  readonly logger: Logger
  readonly record: RecordAudit
  /** Null: Forage may be asked at any time. */
  readonly budget: UpstreamBudget | null
}

/** Forage's Android client gives up after ten seconds, and an issue may wait for an authentication token first. */
const longestCallMs = 8000

/** One process of a gateway obtains tokens from Forage. */
export function createOwnIssuance(config: Config, issuing: IssuingConfig, parts: IssuanceParts): OwnIssuance {
  const { logger, record } = parts
  const counters = createIssuingCounters(issuing.useCases)
  let { secrets } = issuing
  const issuer = createIssuerFor(config, issuing, parts, counters.noteIssued)
  const noteBlocked = createTripwire({
    issuer,
    secrets: () => secrets,
    onLeakedAuthenticationToken: issuing.onLeakedAuthenticationToken,
    logger,
    record,
    onLeak: counters.noteLeak,
  })
  return {
    ...issuer,
    noteBlocked,
    counts: counters.snapshot,
    useSecrets(changed) {
      secrets = changed
      issuer.useSecrets(changed)
    },
  }
}

function createIssuerFor(
  config: Config,
  settings: IssuingConfig,
  { registry, logger, record, budget }: IssuanceParts,
  onIssued: (useCase: string) => void,
): Issuer {
  const { environment, session, state } = config
  return createIssuer({
    client: forageClientOf(config, budget),
    settings,
    environment,
    now: () => Date.now() / 1000,
    record: registry.record,
    revoke: authenticationToken => registry.revoke({ authenticationToken }),
    onIssued: ({ useCase }) => onIssued(useCase),
    onEvent(event) {
      logIssuingEvent(logger, event)
      record(auditOfIssuing(event, Date.now() / 1000))
    },
    // A ledger that is in this process alone ends with it, and what was issued with the ledger.
    sessionsOutlive: session.verify !== 'ledger' || state.redis !== null,
  })
}

/** Requests leave from where the budget says. */
function forageClientOf({ upstream }: Config, budget: UpstreamBudget | null): ForageClient {
  const { tls, connectTimeoutMs, headersTimeoutMs, localAddresses } = upstream
  const clientFrom = (localAddress?: string) =>
    createForageClient({
      origin: upstream.api,
      localAddress,
      connectTimeoutMs,
      timeoutMs: Math.min(headersTimeoutMs, longestCallMs),
      ...(tls && { tls }),
    })
  if (budget === null) return clientFrom(localAddresses[0])
  const clients = localAddresses.map(address => [address, clientFrom(address)] as const)
  return createBudgetedClient(new Map(clients.length === 0 ? [['', clientFrom()]] : clients), budget)
}

/** What a caller's way from its credentials to its token needs. */
export interface EndpointParts {
  readonly callers: Callers
  readonly issuance: Issuance
  readonly limits: ClientLimits
  readonly state: Pick<GatewayState, 'shared'>
}

/** `POST /session_token`, from the caller's credentials to the token. */
export function createTokenEndpoint(issuing: IssuingConfig, parts: EndpointParts): IssueSessionToken {
  const { callers, issuance, limits, state } = parts
  const waitFor = createCallerLimit(issuing.perCaller, state)
  // Whoever reads it is let in already, and the names are no secret: apps send them.
  const message = `There is no such use case. The configured ones are: ${issuing.useCases.join(', ')}.`

  return async ({ credentials, contentType, body, clientAddress }) => {
    const caller = await callers.identify(credentials)
    if (isIssueRefusal(caller)) {
      if (caller.reason === 'caller_not_accepted') limits.noteDenial(clientAddress)
      return caller
    }
    const { customer, limitKey } = caller
    // A backend asks for many customers, and is trusted with it.
    const waitSec = caller.kind === 'customer' ? await waitFor(limitKey) : 0
    if (waitSec > 0) return { reason: 'rate_limited', retryAfterSec: waitSec, customer }
    const wish = readIssueRequest(contentType, body)
    if (isIssueRefusal(wish)) return { ...wish, customer }
    const outcome = await issuance.issue(wish.useCase, customer)
    if (isIssueRefusal(outcome) && outcome.reason === 'use_case_unknown') return { ...outcome, message, customer }
    return { customer, ...outcome }
  }
}

/** How long a caller has to wait, in seconds: over all replicas, or in this one while the state is away. */
function createCallerLimit(
  rate: RateConfig | null,
  { shared }: Pick<GatewayState, 'shared'>,
): (key: string) => Promise<number> {
  if (rate === null) return async () => 0
  const alone = createRateLimit(rate)
  return async key => {
    try {
      return await shared.limits.consume(`caller ${key}`, rate)
    } catch {
      return alone.admit(key)
    }
  }
}

/** Who may ask. */
export function callersOf(issuing: IssuingConfig, clockToleranceSec: number, logger: Logger): Callers {
  return createCallers({
    settings: issuing,
    customerKey: customerKeyOf(issuing),
    now: () => Date.now() / 1000,
    clockToleranceSec,
    onRefused: fault => logger.info({ event: 'sign_in_refused', fault }, 'a token of the sign-in was refused'),
    onKeyFailure: () =>
      logger.warn('the keys of the sign-in could not be fetched; the ones that are known stay in use'),
  })
}

/** Hashes of customers are the same in every process and after every restart, and nobody else can make them. */
function customerKeyOf({ secrets }: IssuingConfig): Buffer {
  return createHmac('sha256', secrets.clientSecret).update('forage-gateway customer').digest()
}

import { isRefusal, type Session, type Verdict } from '../session/session.ts'
import type { SessionVerifier } from '../session/verify-session.ts'
import { type CorsOptions, createCors } from './cors.ts'
import { readCredentials } from './credentials.ts'
import type { Allowed, Decision, Denied } from './decision.ts'
import { createMerchantPin } from './merchant-account.ts'
import { grants, type Policy, type Route } from './policy.ts'
import type { Reason } from './reasons.ts'
import { type RequestFacts, readFacts } from './request-facts.ts'
import type { RequestHead } from './request-head.ts'
import { readTarget } from './target.ts'
import { joinTrace, type TraceContext } from './trace-context.ts'

export interface GateOptions {
  readonly policy: Policy
  readonly sessions: SessionVerifier
  /** Merchants that may pass, each by the spellings of its `Merchant-Account`; none: any. */
  readonly merchantAccounts: readonly (readonly string[])[]
  readonly cors: CorsOptions
  /** Longest body, in octets, that a request may announce; null: any. */
  readonly maxBodyBytes: number | null
  /** Most octets of all field lines. */
  readonly maxHeaderBytes: number
  /** Current time in seconds since the epoch. */
  readonly now: () => number
}

/** The decision about a request. It knows no host, opens no socket and has no clock of its own. */
export interface Gate {
  /** @returns at once, unless the session token was never seen before and its signature has to be verified */
  decide(head: RequestHead): Decision | Promise<Decision>
}

/** Longest request-target, in characters (RFC 9112 §3 asks for at least 8000). */
export const maxTargetLength = 8192
/** Most field lines. Node hides lines beyond a limit of its own but still frames the body by them: count here. */
const maxFieldLines = 128

/**
 * Makes the gate. The checks stand in the order of the contract: protocol, CORS preflight, credentials, target, route,
 * token, scope, merchant, limits. The first that fails is the reason.
 */
export function createGate(options: GateOptions): Gate {
  const { policy } = options
  const cors = createCors(options.cors, [...new Set(policy.routes.map(route => route.method))])
  const merchants = createMerchantPin(options.merchantAccounts)

  function decide(head: RequestHead): Decision | Promise<Decision> {
    const facts = readFacts(head.fields)
    const trace = joinTrace(facts.traceparent, head.ids)
    const judged = { facts, traceId: trace.traceId, responseFields: cors.responseFields(facts) }
    const deny = (reason: Reason, route?: Route, session?: Session): Denied => ({
      outcome: 'deny',
      reason,
      route,
      session,
      ...judged,
    })

    const fault = protocolFault(head, facts, options.maxHeaderBytes)
    if (fault) return deny(fault)
    const preflight = cors.preflightFields(head.method, facts)
    if (preflight) return { outcome: 'preflight', ...judged, responseFields: preflight }
    const credentials = readCredentials(facts, head.target)
    if ('reason' in credentials) return deny(credentials.reason)
    const target = readTarget(head.target)
    if (!target) return deny('target_ambiguous')
    const route = policy.routeTable.find(head.method, target.path)
    if (!route) return deny('route_not_allowed')

    const admit = (verdict: Verdict): Allowed | Denied => {
      if (isRefusal(verdict)) return deny(verdict.reason, route)
      const reason = refusalOf(verdict, route, facts)
      if (reason) return deny(reason, route, verdict)
      return { outcome: 'allow', session: verdict, route, ...judged, ...travellingFields(head, facts, trace) }
    }
    const verdict = options.sessions.verify(credentials.token, options.now())
    return verdict instanceof Promise ? verdict.then(admit) : admit(verdict)
  }

  /** What a valid session may still not do. */
  function refusalOf(session: Session, route: Route, facts: RequestFacts): Reason | undefined {
    if (!grants(policy, session, route.scope)) return 'scope_insufficient'
    if (!isMerchantAllowed(session, facts.merchantAccount)) return 'merchant_account_not_allowed'
    if (options.maxBodyBytes !== null && (facts.contentLength ?? 0) > options.maxBodyBytes) return 'body_too_large'
    return undefined
  }

  /** The merchant that the session was issued for, where that is on record, and one of the pinned ones. */
  function isMerchantAllowed({ provenance }: Session, account: string | undefined): boolean {
    const own = provenance?.merchantAccount
    return merchants.isAllowed(account) && (own === undefined || merchants.isSame(account, own))
  }

  return { decide }
}

/** Whether the message itself can be trusted to mean one thing. */
function protocolFault(
  { method, target }: RequestHead,
  facts: RequestFacts,
  maxHeaderBytes: number,
): Reason | undefined {
  if (target.length > maxTargetLength) return 'target_too_long'
  if (facts.octets > maxHeaderBytes || facts.lines > maxFieldLines) return 'fields_too_large'
  if (method === 'CONNECT' || method === 'TRACE' || facts.asksForUpgrade) return 'upgrade_not_supported'
  if (!/^[A-Za-z]{1,32}$/.test(method)) return 'method_invalid'
  if (facts.isInvalid || facts.host === undefined) return 'field_invalid'
  return undefined
}

/** The fields that stop here, and those that the gateway adds. */
function travellingFields(
  head: RequestHead,
  facts: RequestFacts,
  trace: TraceContext,
): Pick<Allowed, 'removeFields' | 'setFields'> {
  const removeFields = trace.isContinued ? facts.removed : [...facts.removed, 'tracestate']
  const setFields = [
    'X-Forwarded-For',
    head.clientAddress,
    'X-Forwarded-Proto',
    head.scheme,
    'X-Forwarded-Host',
    facts.host as string,
    'X-Request-Id',
    head.ids.requestId,
    'traceparent',
    trace.traceparent,
  ]
  return { removeFields, setFields }
}

import { isRefusal, type Session, type Verdict } from '../session/session.ts'
import type { SessionVerifier } from '../session/verify-session.ts'
import { type ClientLimits, noClientLimits } from './client-limits.ts'
import { type CorsOptions, createCors } from './cors.ts'
import { readCredentials } from './credentials.ts'
import type { Allowed, Decision, Denied, Issue, ReportedReason, RulesName } from './decision.ts'
import { type IssueRules, isIssueTarget } from './issue-target.ts'
import { createMerchantPin } from './merchant-account.ts'
import type { HoldsOwnCredential } from './own-credentials.ts'
import { grants, type Policy, type Route } from './policy.ts'
import type { Reason } from './reasons.ts'
import { type RequestFacts, readFacts } from './request-facts.ts'
import type { RequestHead } from './request-head.ts'
import { readTarget } from './target.ts'
import { joinTrace, type Sampling, type TraceContext } from './trace-context.ts'
import { travellingFields } from './travelling-fields.ts'

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
  /** Default: none. */
  readonly limits?: ClientLimits
  /** Null: session tokens are not issued here. The default. */
  readonly issuing?: IssueRules | null
  /** Finds the merchant's OAuth client id and secret: a request that holds one is blocked. Default: finds nothing. */
  readonly holdsOwnCredential?: HoldsOwnCredential
  /** Which requests get spans. Null: none. The default. */
  readonly sampling?: Sampling | null
  /** What its decisions say that they were made by. Default: a policy without a name, generation 1. */
  readonly rules?: RulesName
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

/** A request while it is decided about. */
interface Asked {
  readonly head: RequestHead
  readonly facts: RequestFacts
  readonly trace: TraceContext
  readonly rules: RulesName
  readonly responseFields: readonly string[]
}

/** What is known of a request that is refused. */
interface Known {
  readonly route?: Route
  readonly session?: Session
  readonly retryAfterSec?: number
}

/**
 * Makes the gate. The checks stand in the order of the contract: protocol, CORS preflight, credentials, target, route,
 * token, scope, merchant, limits. The first that fails is the reason.
 */
export function createGate(options: GateOptions): Gate {
  const { policy, sessions, limits = noClientLimits, issuing = null, holdsOwnCredential = () => false } = options
  const { sampling = null, rules = { policy: '', generation: 1 } } = options
  const cors = createCors(options.cors, methodsOf(policy, issuing))
  const merchants = createMerchantPin(options.merchantAccounts)

  function decide(head: RequestHead): Decision | Promise<Decision> {
    const facts = readFacts(head.fields)
    const trace = joinTrace(facts, head.ids, sampling)
    const asked = { head, facts, trace, rules, responseFields: cors.responseFields(facts) }

    const fault = protocolFault(head, facts, options.maxHeaderBytes)
    if (fault) return deny(asked, fault)
    const preflight = cors.preflightFields(head.method, facts)
    if (preflight) return { outcome: 'preflight', ...judged(asked), responseFields: preflight }
    if (holdsOwnCredential(head)) return deny(asked, 'authentication_token')
    const credentials = readCredentials(facts, head.target)
    if ('reason' in credentials) return deny(asked, credentials.reason)
    if (issuing && isIssueTarget(head.method, head.target)) return issue(asked, credentials.token, issuing)
    const target = readTarget(head.target)
    if (!target) return deny(asked, 'target_ambiguous')
    const route = policy.routeTable.find(head.method, target.path)
    if (!route) return deny(asked, 'route_not_allowed')
    return judgeToken(asked, route, credentials.token)
  }

  /** An address that guesses is not told whether a token is good; sessions that are known behind it go on. */
  function judgeToken(asked: Asked, route: Route, token: string): Decision | Promise<Decision> {
    const retryAfterSec = limits.guessing(asked.head.clientAddress)
    if (retryAfterSec > 0 && !sessions.isKnown(token)) return deny(asked, 'rate_limited', { route, retryAfterSec })
    const verdict = sessions.verify(token, options.now())
    return verdict instanceof Promise ? verdict.then(known => admit(asked, route, known)) : admit(asked, route, verdict)
  }

  function admit(asked: Asked, route: Route, verdict: Verdict): Decision | Promise<Decision> {
    if (isRefusal(verdict)) return deny(asked, verdict.reason, { route })
    const reason = refusalOf(verdict, route, asked.facts)
    if (reason) return deny(asked, reason, { route, session: verdict })
    const waitSec = limits.admit(asked.head.clientAddress, verdict)
    if (waitSec === 0) return allow(asked, route, verdict)
    return waitSec instanceof Promise
      ? waitSec.then(known => (known === 0 ? allow(asked, route, verdict) : limit(asked, route, verdict, known)))
      : limit(asked, route, verdict, waitSec)
  }

  function allow(asked: Asked, route: Route, session: Session): Allowed {
    const { head, facts, trace, rules, responseFields } = asked
    const { removeFields, setFields } = travellingFields(head, facts, trace)
    return {
      outcome: 'allow',
      session,
      route,
      wouldDeny: reportedOf(route, session),
      facts,
      traceId: trace.traceId,
      spans: trace.spans,
      rules,
      responseFields,
      removeFields,
      setFields,
    }
  }

  /** The only refusal that is ever left out, and only where the policy says that it is reported. */
  function reportedOf(route: Route, session: Session): ReportedReason | undefined {
    if (!policy.reportedRoutes.has(route) || grants(policy, session, route.scope)) return undefined
    return 'scope_insufficient'
  }

  function limit(asked: Asked, route: Route, session: Session, retryAfterSec: number): Denied {
    return deny(asked, 'rate_limited', { route, session, retryAfterSec })
  }

  function deny(asked: Asked, reason: Reason, { route, session, retryAfterSec = 0 }: Known = {}): Denied {
    // Whoever asks too often guesses nothing by it.
    if (reason !== 'rate_limited') limits.noteDenial(asked.head.clientAddress)
    const isForIssuing = issuing !== null && isIssueTarget(asked.head.method, asked.head.target)
    const place = isForIssuing ? ({ isForIssuing } as const) : {}
    return { outcome: 'deny', reason, route, session, retryAfterSec, ...judged(asked), ...place }
  }

  /** Who the caller is, is found out further out: its sign-in is the merchant's, no token of Forage. */
  function issue(asked: Asked, credentials: string, { merchantAccount }: IssueRules): Issue | Denied {
    const retryAfterSec = limits.guessing(asked.head.clientAddress)
    if (retryAfterSec > 0) return deny(asked, 'rate_limited', { retryAfterSec })
    if (!merchants.isSame(asked.facts.merchantAccount, merchantAccount)) {
      return deny(asked, 'merchant_account_not_allowed')
    }
    return { outcome: 'issue', credentials, ...judged(asked) }
  }

  /** What a valid session may still not do. */
  function refusalOf(session: Session, route: Route, facts: RequestFacts): Reason | undefined {
    if (!grants(policy, session, route.scope) && !policy.reportedRoutes.has(route)) return 'scope_insufficient'
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

/** Methods that a page may ask about in a preflight. */
function methodsOf({ routes }: Policy, issuing: IssueRules | null): readonly string[] {
  const methods = routes.map(route => route.method)
  return [...new Set(issuing ? [...methods, 'POST'] : methods)]
}

type WhateverBecomes = 'facts' | 'traceId' | 'spans' | 'rules' | 'responseFields'

function judged({ facts, trace, rules, responseFields }: Asked): Pick<Denied, WhateverBecomes> {
  return { facts, traceId: trace.traceId, spans: trace.spans, rules, responseFields }
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

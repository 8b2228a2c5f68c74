import type { Session } from '../session/session.ts'
import type { Route } from './policy.ts'
import type { Reason } from './reasons.ts'
import type { RequestFacts } from './request-facts.ts'
import type { OwnSpans } from './trace-context.ts'

/** Names the rules of a gate, for logs. */
export interface RulesName {
  /** Digest of the policy; `''` where nobody gave it a name. */
  readonly policy: string
  /** Of the configuration. */
  readonly generation: number
}

/** What is known of a request whatever became of it. */
interface Judged {
  /** What the decision was made by. */
  readonly rules: RulesName
  readonly facts: RequestFacts
  /** Trace that the request belongs to: the client's own when it sent a valid `traceparent`, or a Datadog trace id. */
  readonly traceId: string
  /** The gateway's own spans. Undefined: the request is not sampled. */
  readonly spans?: OwnSpans | undefined
  /** Fields to put on the answer, ours or the upstream's: name, value … (CORS). */
  readonly responseFields: readonly string[]
}

/** The one refusal that may be reported and left out. Credentials, tokens, targets and routes are no part of it. */
export type ReportedReason = Extract<Reason, 'scope_insufficient'>

/** Forward the request as it came, but for the fields named here. */
export interface Allowed extends Judged {
  readonly outcome: 'allow'
  readonly session: Session
  readonly route: Route
  /** Lower-case names of the fields that stop here. */
  readonly removeFields: readonly string[]
  /** Fields to add after the ones that travel on: name, value … */
  readonly setFields: readonly string[]
  /** Why it would be refused if the policy did not just report it. Absent: it would not. */
  readonly wouldDeny?: ReportedReason | undefined
}

/** Answer the request with the denial of its reason. */
export interface Denied extends Judged {
  readonly outcome: 'deny'
  readonly reason: Reason
  /** The route and session as far as they were known by then. */
  readonly route: Route | undefined
  readonly session: Session | undefined
  /** After how many seconds it is worth asking again; 0 where time does not help. */
  readonly retryAfterSec: number
  /** It was sent to where session tokens are issued, which is no route of the policy. Absent: it was not. */
  readonly isForIssuing?: true
}

/** Answer a CORS preflight with 204 and `responseFields`. */
export interface Preflight extends Judged {
  readonly outcome: 'preflight'
}

/** Answer the request with a session token, if its caller may have one: `POST /session_token`. */
export interface Issue extends Judged {
  readonly outcome: 'issue'
  /** The text after `Bearer `: of the merchant's own sign-in, or a key of the merchant's server. */
  readonly credentials: string
}

export type Decision = Allowed | Denied | Preflight | Issue

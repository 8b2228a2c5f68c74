import type { Session } from '../session/session.ts'
import type { Route } from './policy.ts'
import type { Reason } from './reasons.ts'
import type { RequestFacts } from './request-facts.ts'

/** What is known of a request whatever became of it. */
interface Judged {
  readonly facts: RequestFacts
  /** Trace that the request belongs to: the client's own when it sent a valid `traceparent`. */
  readonly traceId: string
  /** Fields to put on the answer, ours or the upstream's: name, value … (CORS). */
  readonly responseFields: readonly string[]
}

/** Forward the request as it came, but for the fields named here. */
export interface Allowed extends Judged {
  readonly outcome: 'allow'
  readonly session: Session
  readonly route: Route
  /** Lower-case names of the fields that stop here. */
  readonly removeFields: readonly string[]
  /** Fields to add after the ones that travel on: name, value … */
  readonly setFields: readonly string[]
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

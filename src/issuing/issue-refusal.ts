import type { ForageFault, ForageFaultKind } from '../forage/forage-fault.ts'

/** Why nobody was given a session token. The gate's `Reason` contains these. */
export type IssueReason =
  | 'credentials_missing'
  | 'caller_not_accepted'
  | 'use_case_unknown'
  | 'body_invalid'
  | 'rate_limited'
  | 'budget_exhausted'
  | 'upstream_unreachable'
  | 'upstream_timeout'
  | 'upstream_invalid'
  | 'upstream_credentials_refused'
  | 'overloaded'
  | 'merchant_account_not_allowed'

export interface IssueRefusal {
  readonly reason: IssueReason
  /** Whole seconds, at least 1, after which it is worth asking again. */
  readonly retryAfterSec?: number
}

export function isIssueRefusal<T extends object>(outcome: T | IssueRefusal): outcome is IssueRefusal {
  return 'reason' in outcome
}

const reasons: Readonly<Record<ForageFaultKind, IssueReason>> = {
  unreachable: 'upstream_unreachable',
  timeout: 'upstream_timeout',
  // Forage counts the requests of the whole gateway: it is our budget that is spent, not the caller's.
  throttled: 'budget_exhausted',
  credentials_refused: 'upstream_credentials_refused',
  // Until somebody revokes tokens nothing can be issued; callers may ask again.
  token_limit: 'overloaded',
  invalid_answer: 'upstream_invalid',
}

/** The refusal that a fault of Forage leads to. */
export function refusalOf({ fault, retryAfterSec }: ForageFault): IssueRefusal {
  return { reason: reasons[fault], ...(retryAfterSec !== undefined && { retryAfterSec }) }
}

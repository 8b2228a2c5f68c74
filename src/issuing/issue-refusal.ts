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
  /** Error code of Node or undici behind a fault on the way to Forage, for the log. */
  readonly errorCode?: string
  /** What the caller is told, where the sentence of the reason says too little. Holds nothing that a client sent. */
  readonly message?: string
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
  // It stands beside the client id and secret in the configuration; the log tells them apart.
  merchant_refused: 'upstream_credentials_refused',
  // Until somebody revokes tokens nothing can be issued; callers may ask again.
  token_limit: 'overloaded',
  invalid_answer: 'upstream_invalid',
}

/** The refusal that a fault of Forage leads to. */
export function refusalOf({ fault, retryAfterSec, code }: ForageFault): IssueRefusal {
  return {
    reason: reasons[fault],
    ...(retryAfterSec !== undefined && { retryAfterSec }),
    ...(code !== undefined && { errorCode: code }),
  }
}

import type { ForageClient } from '../forage/forage-client.ts'
import { type ForageFault, isForageFault } from '../forage/forage-fault.ts'
import type { TokenRefusal } from '../session/session.ts'
import type { RecordConflict, TokenOrigin } from '../session/session-registry.ts'
import type { HeldToken } from './held-token.ts'
import { type IssueRefusal, isIssueRefusal, refusalOf } from './issue-refusal.ts'
import type { IssuedEvent, OnIssuingEvent } from './issuing-event.ts'
import type { TokenHolder } from './token-holder.ts'
import type { Enter } from './token-source.ts'

/** What a caller is given. */
export interface IssuedSessionToken {
  readonly token: string
  /** Seconds since the epoch. */
  readonly expiresAt: number
  readonly useCase: string
}

export interface IssueSessionOptions {
  readonly client: Pick<ForageClient, 'createSessionToken'>
  readonly merchantAccount: string
  /** Seconds since the epoch. */
  readonly now: () => number
  readonly mayCall: Enter
  readonly onIssued: (event: IssuedEvent) => void
  readonly onEvent: OnIssuingEvent
  /** Puts a session token on record. */
  readonly record: (
    token: string,
    origin: TokenOrigin,
  ) => { readonly expiresAt: number } | TokenRefusal | RecordConflict
}

interface Wanted {
  readonly useCase: string
  readonly holder: TokenHolder
  /** Keyed hash of the customer's id. */
  readonly customer: string | undefined
}

type IssueSession = (wanted: Wanted) => Promise<IssuedSessionToken | IssueRefusal>

/** Longest time for which Forage's "too many requests" keeps every issue back, in seconds. */
const longestHoldSec = 60

/** Obtains one session token, with a second attempt where its authentication token ended meanwhile. */
export function createIssueSession(options: IssueSessionOptions): IssueSession {
  const { client, merchantAccount, now, mayCall, onEvent } = options
  let heldUntil = 0

  async function attempt(wanted: Wanted): Promise<IssuedSessionToken | IssueRefusal | 'again'> {
    const parent = await wanted.holder.take()
    if (isForageFault(parent)) return refusalOf(parent)
    let issued: IssuedSessionToken | IssueRefusal | 'again' = 'again'
    try {
      issued = await issueFrom(parent, wanted)
    } finally {
      wanted.holder.giveBack(parent, sessionEndOf(issued))
    }
    return issued
  }

  async function issueFrom(parent: HeldToken, wanted: Wanted): Promise<IssuedSessionToken | IssueRefusal | 'again'> {
    const { useCase, holder } = wanted
    const entered = await mayCall()
    if (entered !== 'go') return exhausted(entered.retryAfterSec)
    const answer = await client.createSessionToken({ authenticationToken: parent.text, merchantAccount })
    // Its sessions were ended while Forage made this one: nobody gets it.
    if (parent.isRetired) return 'again'
    if (!isForageFault(answer)) return handOut(options, wanted, parent, answer.token)
    onEvent({ kind: 'session_not_issued', useCase, fault: answer })
    return answer.isTokenRefused && holder.refuse(parent) ? 'again' : refuse(answer)
  }

  function refuse(fault: ForageFault): IssueRefusal {
    if (fault.fault === 'throttled') heldUntil = now() + Math.min(fault.retryAfterSec ?? 1, longestHoldSec)
    return refusalOf(fault)
  }

  return async wanted => {
    for (let tries = 0; tries < 2; tries++) {
      const heldSec = heldUntil - now()
      if (heldSec > 0 && heldSec <= longestHoldSec) return exhausted(heldSec)
      const outcome = await attempt(wanted)
      if (outcome !== 'again') return outcome
    }
    return { reason: 'overloaded', retryAfterSec: 1 }
  }
}

function handOut(
  { record, onIssued, onEvent, merchantAccount }: IssueSessionOptions,
  { useCase, customer }: Wanted,
  { text: authenticationToken, expiresAt: parentEndsAt }: HeldToken,
  token: string,
): IssuedSessionToken | IssueRefusal {
  const recorded = record(token, { useCase, merchantAccount, authenticationToken, customer, isIssuedHere: true })
  if ('reason' in recorded) {
    onEvent({ kind: 'session_token_unfit', useCase, reason: recorded.reason })
    return { reason: 'upstream_invalid' }
  }
  // A session ends with its parent, whatever it says itself.
  const expiresAt = Math.min(recorded.expiresAt, parentEndsAt)
  onIssued({ useCase, customer, expiresAt })
  return { token, expiresAt, useCase }
}

function sessionEndOf(outcome: IssuedSessionToken | IssueRefusal | 'again'): number | undefined {
  return outcome === 'again' || isIssueRefusal(outcome) ? undefined : outcome.expiresAt
}

function exhausted(waitSec: number): IssueRefusal {
  return { reason: 'budget_exhausted', retryAfterSec: Math.max(1, Math.ceil(waitSec)) }
}

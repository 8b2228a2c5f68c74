import type { Decision } from '../gate/decision.ts'
import { grantedScopes, type Policy } from '../gate/policy.ts'
import { type Check, checks, denials, type Reason } from '../gate/reasons.ts'

export interface Step {
  readonly check: Check
  readonly result: 'passed' | 'refused' | 'not_reached'
}

/** A decision, taken apart for a person or a script. The token is not in it. */
export interface Explanation {
  readonly verdict: Decision['outcome']
  readonly reason: Reason | null
  /** Status and code that the gateway itself would answer with; null: the request goes to Forage. */
  readonly status: number | null
  readonly code: string | null
  /** Method and template of the route that was found. */
  readonly route: string | null
  readonly scope: string | null
  readonly session: ExplainedSession | null
  readonly steps: readonly Step[]
}

export interface ExplainedSession {
  readonly format: string
  /** Seconds since the epoch. */
  readonly issuedAt: number | null
  readonly expiresAt: number
  readonly scopes: readonly string[]
}

/** Explains a decision of the gate. */
export function explainDecision(decision: Decision, policy: Policy): Explanation {
  const { outcome } = decision
  const nothing = { reason: null, status: null, code: null, route: null, scope: null, session: null }
  // A preflight is answered between the protocol and the credentials, which it does not carry.
  if (outcome === 'preflight') return { verdict: outcome, ...nothing, status: 204, steps: stepsUntil('credentials') }
  // Who the caller is, only the running gateway finds out.
  if (outcome === 'issue') return { verdict: outcome, ...nothing, steps: stepsUntil('target') }
  const { route, session } = decision
  const found = {
    route: route ? `${route.method} ${route.template}` : null,
    scope: route?.scope ?? null,
    session: session
      ? {
          format: session.format,
          issuedAt: session.issuedAt ?? null,
          expiresAt: session.expiresAt,
          scopes: grantedScopes(policy, session),
        }
      : null,
  }
  // Nothing is sent: the last check stays open.
  if (outcome === 'allow') return { verdict: outcome, ...nothing, ...found, steps: stepsUntil('forward') }
  const { reason } = decision
  const { status, code, check } = denials[reason]
  return { verdict: outcome, reason, status, code, ...found, steps: stepsUntil(check, 'refused') }
}

/** Everything before a check passed; everything after it was not reached. */
function stepsUntil(last: Check, result: Step['result'] = 'not_reached'): readonly Step[] {
  const end = checks.indexOf(last)
  return checks.map((check, index) => {
    if (index < end) return { check, result: 'passed' }
    return { check, result: index === end ? result : 'not_reached' }
  })
}

import { grantedScopes, type Policy } from '../gate/policy.ts'
import type { Session } from '../session/session.ts'

/** What is known of a session, as far as it decides about scopes and time. */
export interface ExplainedSession {
  readonly format: string
  /** Seconds since the epoch. */
  readonly issuedAt: number | null
  readonly expiresAt: number
  /** What it may use, in the order of the policy. */
  readonly scopes: readonly string[]
  /** On record with the token. */
  readonly useCase: string | null
  /** Which list of `grants` it has: a use case that is not listed there has the default one. */
  readonly grant: 'default' | 'use_case'
  /** What takes scopes of that list away: a claim of the token, or what was registered with it. */
  readonly narrowedBy: readonly ('claim' | 'record')[]
}

export function explainSession(policy: Policy, session: Session): ExplainedSession {
  const { format, issuedAt = null, expiresAt, provenance } = session
  const useCase = provenance?.useCase ?? null
  return {
    format,
    issuedAt,
    expiresAt,
    scopes: grantedScopes(policy, session),
    useCase,
    grant: useCase !== null && policy.useCases.has(useCase) ? 'use_case' : 'default',
    narrowedBy: narrowedBy(session),
  }
}

function narrowedBy({ narrowedTo, provenance }: Session): ExplainedSession['narrowedBy'] {
  if (narrowedTo === undefined) return []
  const recorded = provenance?.scopes
  if (recorded === undefined) return ['claim']
  // Only what both lists have is left.
  return recorded.every(scope => narrowedTo.has(scope)) ? ['record'] : ['claim', 'record']
}

/** `granted by default: a, b; narrowed by the claim "scope"`. */
export function describeGrant({ scopes, useCase, grant, narrowedBy }: ExplainedSession, policy: Policy): string {
  const list = scopes.join(', ') || 'nothing'
  const how = grant === 'use_case' ? `for use case ${useCase}` : 'by default'
  const unlisted = grant === 'default' && useCase !== null ? `; use case ${useCase} has no grant of its own` : ''
  const sources = narrowedBy.map(source =>
    source === 'claim' ? `its claim "${policy.scopeClaim}"` : 'what was registered with it',
  )
  return `granted ${how}: ${list}${unlisted}${sources.length > 0 ? `; narrowed by ${sources.join(' and ')}` : ''}`
}

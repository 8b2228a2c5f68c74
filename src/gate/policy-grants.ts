import { isIssueTarget } from './issue-target.ts'
import type { Policy, Route } from './policy.ts'

/** How sessions come by their scopes. What a token's claim or its record says narrows a grant and never widens it. */
export interface Grant {
  /** Null: sessions that have none, or one that the policy does not list. */
  readonly useCase: string | null
  readonly scopes: ReadonlySet<string>
}

/** Every grant that a session may have: the default one first. */
export function grantsOf({ defaultScopes, useCases }: Policy): readonly Grant[] {
  return [{ useCase: null, scopes: defaultScopes }, ...[...useCases].map(([useCase, scopes]) => ({ useCase, scopes }))]
}

/** The grant of the sessions of a use case; of those that have none for undefined. */
export function grantFor({ defaultScopes, useCases }: Policy, useCase: string | undefined): ReadonlySet<string> {
  return (useCase === undefined ? undefined : useCases.get(useCase)) ?? defaultScopes
}

/** A route of the policy that no request ever takes. */
export interface UnreachableRoute {
  readonly route: Route
  /** `not_granted`: no session has its scope. `answered_here`: the gateway answers that request itself. */
  readonly why: 'not_granted' | 'answered_here'
}

/**
 * The routes that are listed in vain. That one route hides another needs no search: two routes that one request could
 * match are refused with the policy.
 *
 * @param issues whether session tokens are issued here: then `POST /session_token` is no route
 */
export function unreachableRoutes(policy: Policy, issues: boolean): readonly UnreachableRoute[] {
  const grants = grantsOf(policy)
  return policy.routes.flatMap((route): UnreachableRoute[] => {
    if (issues && isIssueTarget(route.method, route.template)) return [{ route, why: 'answered_here' }]
    const isReached = policy.reportedRoutes.has(route) || grants.some(({ scopes }) => scopes.has(route.scope))
    return isReached ? [] : [{ route, why: 'not_granted' }]
  })
}

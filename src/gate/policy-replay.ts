import type { Policy } from './policy.ts'
import { grantFor } from './policy-grants.ts'
import { isWithin, meetingPath, patternOf } from './policy-pattern.ts'
import { denials, type Reason } from './reasons.ts'
import { parseRouteTemplate } from './route-template.ts'

/** What a log without paths and tokens keeps of a request that was decided about. */
export interface LoggedRequest {
  readonly method: string
  /** Template of the route that it took; undefined: it had none, or was refused before one was looked for. */
  readonly template: string | undefined
  /** Why it was refused; undefined: it was not. */
  readonly reason: Reason | undefined
  /** Scope of that route at the time. */
  readonly scope: string | undefined
  readonly useCase: string | undefined
  /** Whether it was let in without the scope, since that was only reported. */
  readonly lackedScope: boolean
}

/** What a request would meet under another policy, as far as its line can tell. */
export type Foresight =
  | { readonly outcome: 'allow' }
  | { readonly outcome: 'deny'; readonly reason: Reason }
  /** The grant is there; whether the session's own claim or record leaves it the scope is not in the log. */
  | { readonly outcome: 'allow_unless_narrowed' }
  /** The other policy tells apart paths that the template does not. */
  | { readonly outcome: 'path_decides' }
  /** There was no route, and so nothing of the path is in the log. */
  | { readonly outcome: 'no_route' }
  /** The line holds no template that a policy could have. */
  | { readonly outcome: 'not_understood' }

/** Foretells what becomes of a logged request under a policy. Says no more than the line proves. */
export function foresee(policy: Policy, request: LoggedRequest): Foresight {
  const { method, template, reason } = request
  if (template === undefined) {
    if (reason === undefined) return { outcome: 'not_understood' }
    // What came before the route was refused for something that is no policy's matter.
    return reason === 'route_not_allowed' ? { outcome: 'no_route' } : { outcome: 'deny', reason }
  }
  const asked = parseRouteTemplate(`${method} ${template}`)
  if (typeof asked === 'string') return { outcome: 'not_understood' }
  const route = policy.routes.find(candidate => isWithin(asked, candidate))
  if (route) return foreseeOnRoute(policy, route.scope, request)
  if (!policy.routes.some(candidate => meetingPath(candidate, patternOf(asked)) !== undefined))
    return { outcome: 'deny', reason: 'route_not_allowed' }
  return reason === undefined || reason === 'scope_insufficient'
    ? { outcome: 'path_decides' }
    : { outcome: 'deny', reason }
}

/** The route is there. The token is looked at before the scope, and everything else after it. */
function foreseeOnRoute(policy: Policy, scope: string, request: LoggedRequest): Foresight {
  const { reason, useCase } = request
  if (reason !== undefined && denials[reason].check === 'token') return { outcome: 'deny', reason }
  if (!grantFor(policy, useCase).has(scope)) return { outcome: 'deny', reason: 'scope_insufficient' }
  if (reason !== undefined && reason !== 'scope_insufficient') return { outcome: 'deny', reason }
  // A session that was let in had the scope; one that was refused may have been narrowed.
  const hadScope = reason === undefined && !request.lackedScope && scope === request.scope
  return hadScope ? { outcome: 'allow' } : { outcome: 'allow_unless_narrowed' }
}

/**
 * What a change of policy means for a request:
 *
 * - `same`: nothing
 * - `refused`: it was let in, and would be no more
 * - `perhaps_refused`, `perhaps_allowed`: it might be the other way round; the log does not say enough
 * - `unknown`: the log says nothing about it
 */
export type ReplayEffect = 'same' | 'refused' | 'perhaps_refused' | 'perhaps_allowed' | 'unknown'

export function effectOf(wasAllowed: boolean, { outcome }: Foresight): ReplayEffect {
  if (outcome === 'no_route' || outcome === 'not_understood') return 'unknown'
  if (outcome === 'allow') return 'same'
  if (outcome === 'deny') return wasAllowed ? 'refused' : 'same'
  return wasAllowed ? 'perhaps_refused' : 'perhaps_allowed'
}

import type { Policy, Route } from './policy.ts'

/** What is reported instead of refused, in the words of a configuration. */
export interface ReportRules {
  /** `report`: every route of the policy. */
  readonly mode: 'enforce' | 'report'
  /** Scopes of which every route is reported. */
  readonly scopes: readonly string[]
  /** Single routes, as the policy writes them: `GET /api/orders/{ref}/`. */
  readonly routes: readonly string[]
}

/** A policy of which some routes are reported. Names that the policy does not have select nothing: check them before. */
export function withReported(policy: Policy, { mode, scopes, routes }: ReportRules): Policy {
  const isReported = (route: Route): boolean =>
    mode === 'report' || scopes.includes(route.scope) || routes.includes(routeText(route))
  return { ...policy, reportedRoutes: new Set(policy.routes.filter(isReported)) }
}

/** What a policy reports, in as few words as that takes: `report`, or whole scopes, and the single routes of others. */
export function reportedBy({ scopes, routes, reportedRoutes }: Policy): ReportRules {
  if (reportedRoutes.size > 0 && reportedRoutes.size === routes.length)
    return { mode: 'report', scopes: [], routes: [] }
  const isWhole = (scope: string): boolean => {
    const own = routes.filter(route => route.scope === scope)
    return own.length > 0 && own.every(route => reportedRoutes.has(route))
  }
  const whole = scopes.filter(isWhole)
  const single = [...reportedRoutes].filter(route => !whole.includes(route.scope))
  return { mode: 'enforce', scopes: whole, routes: single.map(routeText) }
}

/** One sentence for an operator about what a policy reports; undefined when it enforces all of it. */
export function describeReported(policy: Policy): string | undefined {
  if (policy.reportedRoutes.size === 0) return undefined
  const { mode, scopes, routes } = reportedBy(policy)
  const parts = mode === 'report' ? ['every route'] : [...scopes.map(scope => `scope ${scope}`), ...routes]
  return `report mode: a session without the scope is let through and logged as would_deny on ${parts.join(', ')}`
}

/** A route as a policy file has it. */
export function routeText({ method, template }: Pick<Route, 'method' | 'template'>): string {
  return `${method} ${template}`
}

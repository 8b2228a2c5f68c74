import type { Policy, Route } from './policy.ts'
import { grantFor } from './policy-grants.ts'
import { isWithin } from './policy-pattern.ts'

/** Whose requests a change of policy concerns. */
export type Holder =
  /** Sessions without a use case, or with one that the policy does not list. */
  | { readonly kind: 'default' }
  /** Sessions of a use case. */
  | { readonly kind: 'useCase'; readonly name: string }
  /** Sessions that are narrowed to a scope. */
  | { readonly kind: 'scope'; readonly name: string }

/** A route that some sessions could not use before, or cannot use any more. */
export interface RouteChange {
  readonly holder: Holder
  readonly effect: 'opens' | 'closes'
  readonly route: Route
  /** Routes of the other policy within this one: so much of it stays as it was. */
  readonly except: readonly Route[]
}

/** What a change of policy does to requests. Names of parameters, order and spelling count for nothing. */
export interface PolicyDifference {
  readonly changes: readonly RouteChange[]
  /** The claim that narrows a grant, before and after; null: it is the same. */
  readonly claim: { readonly from: string | null; readonly to: string | null } | null
}

/** Compares what two policies let through: the default grant first, then use cases, then scopes, by name. */
export function comparePolicies(from: Policy, to: Policy): PolicyDifference {
  const useCases = namesIn([...from.useCases.keys()], [...to.useCases.keys()])
  const holders: readonly Holder[] = [
    { kind: 'default' },
    ...useCases.map(name => ({ kind: 'useCase', name }) as const),
    ...namesIn(from.scopes, to.scopes).map(name => ({ kind: 'scope', name }) as const),
  ]
  const changes = holders.flatMap(holder => {
    const [before, after] = [routesOf(from, holder), routesOf(to, holder)]
    return [...changesOf(holder, 'opens', after, before), ...changesOf(holder, 'closes', before, after)]
  })
  const claim = from.scopeClaim === to.scopeClaim ? null : { from: from.scopeClaim, to: to.scopeClaim }
  return { changes, claim }
}

function namesIn(...lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())].sort()
}

function routesOf(policy: Policy, holder: Holder): readonly Route[] {
  if (holder.kind === 'scope') return policy.routes.filter(route => route.scope === holder.name)
  const granted = grantFor(policy, holder.kind === 'useCase' ? holder.name : undefined)
  return policy.routes.filter(route => granted.has(route.scope))
}

/** The routes of one list that hold a request which no route of the other list holds. */
function changesOf(
  holder: Holder,
  effect: RouteChange['effect'],
  routes: readonly Route[],
  others: readonly Route[],
): readonly RouteChange[] {
  return routes
    .filter(route => !others.some(other => isWithin(route, other)))
    .map(route => ({ holder, effect, route, except: others.filter(other => isWithin(other, route)) }))
}

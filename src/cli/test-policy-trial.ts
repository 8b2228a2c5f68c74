import type { Config } from '../config/config.ts'
import { headOf } from '../explaining/asked-request.ts'
import { nearestRoute } from '../explaining/nearest-route.ts'
import type { Decision } from '../gate/decision.ts'
import { grantedScopes, type Policy } from '../gate/policy.ts'
import { routeText } from '../gate/reported-routes.ts'
import type { RequestHead } from '../gate/request-head.ts'
import { pathOf } from '../gate/target.ts'
import { gateOver } from '../gateway/gate.ts'
import { createRequestIds } from '../observability/request-ids.ts'
import type { PolicyCase } from './test-policy-cases.ts'
import { createTrialTokens } from './test-policy-tokens.ts'

/** What became of a request. */
export interface TrialOutcome {
  /** `allow`, `preflight`, `issue`, or the reason of a refusal. */
  readonly verdict: string
  /** Method and template of the route that was found, and its scope. */
  readonly route: string | null
  readonly scope: string | null
  /** What the session may use; null where none was looked at. */
  readonly granted: readonly string[] | null
  /** Where no route was found: one that may have been meant. */
  readonly nearest: string | null
}

/** One request of a case, and how it went. */
export interface CaseResult {
  readonly of: PolicyCase
  readonly request: string
  readonly got: TrialOutcome
  readonly isAsExpected: boolean
}

/** Puts cases to the gate of a configuration. */
export interface Trial {
  /** One result for each of its requests. */
  run(of: PolicyCase): Promise<readonly CaseResult[]>
}

/**
 * Makes a gate as the running gateway has it. What is only reported there is refused here: a case says what the policy
 * means. Rates are no matter of a policy, and are not counted.
 *
 * @param now seconds since the epoch
 */
export async function createTrial(config: Config, now: number): Promise<Trial> {
  const policy: Policy = { ...config.policy, reportedRoutes: new Set() }
  const { sessions, tokenFor } = await createTrialTokens(config, now)
  const gate = gateOver({ ...config, policy }, { sessions, now: () => now })
  const newIds = createRequestIds()
  return {
    async run(of) {
      const results: CaseResult[] = []
      for (const request of of.request) {
        const head = headFor(of, request, tokenFor(of.session), newIds())
        const got = outcomeOf(await gate.decide(head), head, policy)
        results.push({ of, request, got, isAsExpected: isAsExpected(of, got) })
      }
      return results
    },
  }
}

function headFor(of: PolicyCase, request: string, token: string | undefined, ids: RequestHead['ids']): RequestHead {
  const [method = '', target = ''] = request.split(' ')
  const fields = Object.entries(of.fields).flatMap(([name, values]) => values.flatMap(value => [name, value]))
  if (of.merchantAccount !== undefined) fields.push('Merchant-Account', of.merchantAccount)
  return headOf({ method, target, token, fields }, ids)
}

function outcomeOf(decision: Decision, { method, target }: RequestHead, policy: Policy): TrialOutcome {
  const verdict = decision.outcome === 'deny' ? decision.reason : decision.outcome
  const { route = undefined, session = undefined } = 'route' in decision ? decision : {}
  const nearest = verdict === 'route_not_allowed' ? nearestRoute(policy, method, pathOf(target)) : undefined
  return {
    verdict,
    route: route ? routeText(route) : null,
    scope: route?.scope ?? null,
    granted: session ? grantedScopes(policy, session) : null,
    nearest: nearest?.route ?? null,
  }
}

function isAsExpected({ expect, scope, route }: PolicyCase, got: TrialOutcome): boolean {
  if (got.verdict !== expect || (scope !== undefined && scope !== got.scope)) return false
  return route === undefined || (got.route !== null && withoutNames(route) === withoutNames(got.route))
}

/** How a parameter is called is no matter of what a route lets through. */
function withoutNames(route: string): string {
  return route.replace(/\{[^}]*\}/g, '{}')
}

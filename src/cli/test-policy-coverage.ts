import type { Policy, Route } from '../gate/policy.ts'
import { grantsOf } from '../gate/policy-grants.ts'
import { routeText } from '../gate/reported-routes.ts'
import type { CaseResult } from './test-policy-trial.ts'

/** What no case shows, though it went as it was expected to. */
export interface Coverage {
  /** How many are granted to some session. */
  readonly routes: number
  /** Routes that no case lets through. */
  readonly neverAllowed: readonly string[]
  /** Routes that no case refuses for lack of scope. */
  readonly neverRefused: readonly string[]
  /** Routes whose scope no grant names: they can only be refused, and count as neither. */
  readonly neverGranted: readonly string[]
  readonly isWhole: boolean
}

/** Finds what is left open by cases. One that went otherwise than expected shows nothing. */
export function coverageOf(policy: Policy, results: readonly CaseResult[]): Coverage {
  const withVerdict = (verdict: string): ReadonlySet<string | null> =>
    new Set(
      results.filter(({ isAsExpected, got }) => isAsExpected && got.verdict === verdict).map(({ got }) => got.route),
    )
  const [allowed, refused] = [withVerdict('allow'), withVerdict('scope_insufficient')]
  const grants = grantsOf(policy)
  const isGranted = ({ scope }: Route): boolean => grants.some(({ scopes }) => scopes.has(scope))
  const texts = policy.routes.filter(isGranted).map(routeText)
  const neverGranted = policy.routes.filter(route => !isGranted(route)).map(routeText)
  const neverAllowed = texts.filter(text => !allowed.has(text))
  const neverRefused = texts.filter(text => !refused.has(text))
  const isWhole = neverAllowed.length === 0 && neverRefused.length === 0
  return { routes: texts.length, neverAllowed, neverRefused, neverGranted, isWhole }
}

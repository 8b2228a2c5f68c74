import type { Policy } from '../gate/policy.ts'
import { routeText } from '../gate/reported-routes.ts'
import type { CaseResult } from './test-policy-trial.ts'

/** What no case shows, though it went as it was expected to. */
export interface Coverage {
  readonly routes: number
  /** Routes that no case lets through. */
  readonly neverAllowed: readonly string[]
  /** Routes that no case refuses for lack of scope. */
  readonly neverRefused: readonly string[]
  readonly isWhole: boolean
}

/** Finds what is left open by cases. One that went otherwise than expected shows nothing. */
export function coverageOf({ routes }: Policy, results: readonly CaseResult[]): Coverage {
  const withVerdict = (verdict: string): ReadonlySet<string | null> =>
    new Set(
      results.filter(({ isAsExpected, got }) => isAsExpected && got.verdict === verdict).map(({ got }) => got.route),
    )
  const [allowed, refused] = [withVerdict('allow'), withVerdict('scope_insufficient')]
  const texts = routes.map(routeText)
  const neverAllowed = texts.filter(text => !allowed.has(text))
  const neverRefused = texts.filter(text => !refused.has(text))
  const isWhole = neverAllowed.length === 0 && neverRefused.length === 0
  return { routes: routes.length, neverAllowed, neverRefused, isWhole }
}

import type { Policy, Route } from './policy.ts'
import { type Grant, grantsOf } from './policy-grants.ts'
import { meetingPath, parseRequestPattern, type RequestPattern } from './policy-pattern.ts'

/** A request that must not get through, and does. */
export interface Hole {
  readonly pattern: RequestPattern
  /** The route that it takes. */
  readonly route: Route
  readonly method: string
  /** Path of one such request. */
  readonly target: string
  /** The grants by which a session may use the route; at least one. */
  readonly grants: readonly Grant[]
  /** Whether a lack of scope is only reported there: then every grant will do. */
  readonly isReported: boolean
}

/**
 * Finds every way in which a session token reaches what is forbidden. It decides: when it finds none, there is none,
 * since each route and each pattern is a list of sets of segments, and those that have a request in common are found by
 * {@link meetingPath}. A session has the scopes of one grant at most, so that their union is everything that any has.
 *
 * @param held the grants that count. Default: every one that a session may have
 * @returns one hole for each route that a pattern meets, in the order of the patterns
 */
export function findHoles(
  policy: Policy,
  patterns: readonly RequestPattern[],
  held: readonly Grant[] = grantsOf(policy),
): readonly Hole[] {
  const reached = policy.routes
    .map(route => ({ route, ...accessTo(policy, route, held) }))
    .filter(each => each.grants.length > 0)
  return patterns.flatMap(pattern =>
    reached.flatMap((access): Hole[] => {
      const target = meetingPath(access.route, pattern)
      return target === undefined ? [] : [{ pattern, method: access.route.method, target, ...access }]
    }),
  )
}

function accessTo(policy: Policy, route: Route, held: readonly Grant[]): Pick<Hole, 'grants' | 'isReported'> {
  const isReported = policy.reportedRoutes.has(route)
  return { grants: held.filter(({ scopes }) => isReported || scopes.has(route.scope)), isReported }
}

/**
 * What session tokens must never reach: the rule that refuses a policy, written a second time on purpose and in another
 * form, so that a slip in one of the two does not prove itself. A test holds them to each other.
 */
export const neverPatterns: readonly RequestPattern[] = [
  '* /o/**',
  '* /api/session_token/**',
  '* /api/sessions/**',
  '* /api/capture_sessions/**',
  'write /api/orders/**',
  '* /api/orders/*/refunds/**',
  'write /api/payments/*/refunds/**',
  '* /api/reporting/**',
  '* /api/merchants/**',
].flatMap(text => [text, text.replace(' /', ' /proxy/')].map(pattern))

function pattern(text: string): RequestPattern {
  const parsed = parseRequestPattern(text)
  if (typeof parsed === 'string') throw new TypeError(`${text}: ${parsed}`)
  return parsed
}

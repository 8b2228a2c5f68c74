import type { RequestStory } from './request-story.ts'
import type { Verdict } from './verdict.ts'

/** The methods of RFC 9110 §9 and RFC 5789. A client may write any other word. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE'] as const
const otherMethod = 'other'
export const methodLabels: readonly string[] = [...methods, otherMethod]
const indexes: ReadonlyMap<string, number> = new Map(methods.map((method, index) => [method, index]))

/** Index in `methodLabels`. */
export function methodIndexOf(method: string): number {
  return indexes.get(method) ?? methods.length
}

export const verdictLabels: readonly Verdict[] = ['allow', 'deny', 'preflight', 'issue']

/** The template of the policy that a request fits. Never its path. */
export function routeLabelOf({ decision }: Pick<RequestStory, 'decision'>): string {
  if (decision === undefined || decision.outcome === 'preflight') return 'none'
  return decision.outcome === 'issue' ? '/session_token' : (decision.route?.template ?? 'none')
}

/** A status that HTTP knows (RFC 9110 §15), or 0 for what an upstream may have made up. */
export function statusNumberOf(status: number): number {
  return status >= 100 && status <= 599 ? status : 0
}

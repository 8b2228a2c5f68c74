import type { Decision } from '../gate/decision.ts'

/** Stands for `POST /session_token`, which is no route of the policy. */
const issueRoute = '/session_token'

/** The template of the policy that a request fits, for lines that are read one by one; undefined: none was found. */
export function loggedRouteOf(decision: Decision | undefined): string | undefined {
  if (decision === undefined || decision.outcome === 'preflight') return undefined
  if (decision.outcome === 'issue') return issueRoute
  if (decision.outcome === 'deny' && decision.isForIssuing) return issueRoute
  return decision.route?.template
}

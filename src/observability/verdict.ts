import type { Decision, ReportedReason } from '../gate/decision.ts'
import type { RequestStory } from './request-story.ts'

/** What becomes of a request, in one word. */
export type Verdict = Decision['outcome']

/** What became of a request: a body that was refused while it was forwarded is a denial, a fault of the upstream is not. */
export function verdictOf({ decision, reason }: Pick<RequestStory, 'decision' | 'reason'>): Verdict {
  if (!decision || (reason !== undefined && !isUpstreamFault(reason))) return 'deny'
  return decision.outcome
}

/** Why a request was let in that the policy, were it not reported, would have refused. */
export function wouldDenyOf({ decision }: Pick<RequestStory, 'decision'>): ReportedReason | undefined {
  return decision?.outcome === 'allow' ? decision.wouldDeny : undefined
}

/** Whether a request that was let in came to nothing through Forage, or on the way there. */
export function isUpstreamFault(reason: string): boolean {
  return reason.startsWith('upstream_')
}

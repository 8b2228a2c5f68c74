import { createHmac } from 'node:crypto'
import type { AuditEvent, AuditedRequest } from './audit-event.ts'
import { loggedRouteOf } from './logged-route.ts'
import { methodIndexOf, methodLabels } from './metrics-labels.ts'
import type { RequestStory } from './request-story.ts'
import { versionOnly } from './sdk-version.ts'
import { verdictOf, wouldDenyOf } from './verdict.ts'

export interface StoryAuditOptions {
  /** Key under which values that name a merchant are digested: that of the access log, so that the two agree. */
  readonly hashKey: Uint8Array
  /** Seconds since the epoch. */
  readonly now: () => number
}

/**
 * Makes events from the stories of requests: of each refusal, of each that was reported and left out, and of each session
 * token that was handed out. What else was forwarded is in the access log only.
 *
 * @returns undefined: nothing that an auditor is told
 */
export function createStoryAudit({ hashKey, now }: StoryAuditOptions): (story: RequestStory) => AuditEvent | undefined {
  const digest = (value: string): string => createHmac('sha256', hashKey).update(value).digest('base64url').slice(0, 16)
  return story => {
    const { decision, reason, status } = story
    const told = () => ({ time: now(), ...rulesOf(story), ...requestOf(story, digest) })
    if (verdictOf(story) === 'deny') {
      const event = reason === 'authentication_token' ? 'authentication_token_blocked' : 'denied'
      // A request without a decision was refused for its form.
      return { event, ...told(), reason: reason ?? 'field_invalid' }
    }
    const wouldDeny = wouldDenyOf(story)
    if (wouldDeny) return { event: 'would_deny', ...told(), reason: wouldDeny }
    if (decision?.outcome !== 'issue' || status !== 200 || reason !== undefined) return undefined
    return { event: 'session_issued', ...told() }
  }
}

/** What it was decided by, which may have been replaced since. */
function rulesOf({ decision }: RequestStory): Pick<AuditEvent, 'policy' | 'configGeneration'> {
  return decision ? { policy: decision.rules.policy, configGeneration: decision.rules.generation } : {}
}

function requestOf(story: RequestStory, digest: (value: string) => string): AuditedRequest {
  const { decision } = story
  const judged = decision?.outcome === 'allow' || decision?.outcome === 'deny' ? decision : undefined
  const provenance = judged?.session?.provenance
  const { merchantAccount, sdkVersion } = decision?.facts ?? {}
  return {
    requestId: story.requestId,
    traceId: decision?.traceId,
    method: methodLabels[methodIndexOf(story.method)] ?? '',
    route: loggedRouteOf(decision),
    status: story.status,
    scope: judged?.route?.scope,
    session: judged?.session?.fingerprint,
    useCase: story.useCase ?? provenance?.useCase,
    customer: story.customer ?? provenance?.customer,
    merchantAccount: merchantAccount === undefined ? undefined : digest(merchantAccount),
    clientAddress: story.clientAddress,
    sdkVersion: versionOnly(sdkVersion),
  }
}

import type { ExplainRequest } from '../admin/explain-routes.ts'
import { headOf } from '../explaining/asked-request.ts'
import { explain } from '../explaining/explanation.ts'
import { createRequestIds } from '../observability/request-ids.ts'
import { gateOver, ownCredentialsOf } from './gate.ts'
import type { GatewayState } from './status.ts'

/**
 * Explains requests by what a running gateway goes by now: its configuration, and what it knows of session tokens. Limits
 * are not asked and count nothing; log, metrics and audit are told of no request.
 */
export function explainOver({ reloading, sessions, workers }: ExplainParts): ExplainRequest {
  const nextIds = createRequestIds()
  return async asked => {
    const { config, generation } = reloading.current()
    const now = Date.now() / 1000
    const holdsOwnCredential = ownCredentialsOf(config)
    const gate = gateOver(config, { sessions, now: () => now, generation, holdsOwnCredential })
    const head = headOf(asked, nextIds())
    // Each worker remembers for itself what Forage said to it.
    const isOneOfMany = config.session.verify === 'upstream' && workers().configured > 1
    const notJudged = isOneOfMany ? ['which tokens Forage has refused to one of the workers'] : []
    return explain(head, await gate.decide(head), { config, now, notJudged })
  }
}

type ExplainParts = Pick<GatewayState, 'reloading' | 'sessions' | 'workers'>

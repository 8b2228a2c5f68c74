import type { Config } from '../config/config.ts'
import { tokenOf } from '../gate/credentials.ts'
import type { Decision, ReportedReason } from '../gate/decision.ts'
import { denials, type Reason } from '../gate/reasons.ts'
import { routeText } from '../gate/reported-routes.ts'
import type { RequestHead } from '../gate/request-head.ts'
import { pathOf } from '../gate/target.ts'
import { type ExplainedSession, explainSession } from './explained-session.ts'
import { type ExplainedToken, explainToken } from './explained-token.ts'
import { type NearestRoute, nearestRoute } from './nearest-route.ts'
import { remediesFor } from './remedies.ts'
import { type Step, stepsOf } from './steps.ts'

/** A decision, taken apart for a person or a script. Nothing that a client wrote is in it: no token, path or field. */
export interface Explanation {
  readonly verdict: Decision['outcome']
  readonly reason: Reason | null
  /** Status and code that the gateway itself would answer with; null: the request goes to Forage. */
  readonly status: number | null
  readonly code: string | null
  /** Why it would be refused if the policy did not just report it. */
  readonly wouldDeny: ReportedReason | null
  /** Method and template of the route that was found, and the scope that it needs. */
  readonly route: string | null
  readonly scope: string | null
  /** Where no route was found: the one that may have been meant. */
  readonly nearest: NearestRoute | null
  /** What stands after `Bearer `, as far as it could be read. */
  readonly token: ExplainedToken | null
  readonly session: ExplainedSession | null
  readonly steps: readonly Step[]
  /** What would change the verdict, a sentence each. */
  readonly remedies: readonly string[]
  /** What a real request is judged by, too, and whoever explains does not know. */
  readonly notJudged: readonly string[]
}

/** The parts of a configuration that an explanation speaks of. */
export type ExplainedConfig = Pick<Config, 'environment' | 'policy' | 'session' | 'limits' | 'merchantAccounts'>

export interface ExplainingContext {
  /** What the decision was made by. */
  readonly config: ExplainedConfig
  /** When it was made, in seconds since the epoch. */
  readonly now: number
  /** What is not known of sessions, a sentence each: told where the decision came as far as the token. */
  readonly notJudged: readonly string[]
}

/** Nobody who explains asks the limits, since asking counts. */
const limitsNotJudged = 'how much of its limits the client has used'

/** What is known once a decision is made, for the steps and the remedies. */
export type Findings = Omit<Explanation, 'steps' | 'remedies' | 'notJudged'>

/** Explains what the gate decided about a request. It decides nothing itself. */
export function explain(head: RequestHead, decision: Decision, context: ExplainingContext): Explanation {
  const { config, now } = context
  const findings = findingsOf(head, decision, config)
  return {
    ...findings,
    steps: stepsOf(findings, { policy: config.policy, now }),
    remedies: remediesFor(findings, { head, decision, config }),
    notJudged: [
      ...(findings.route === null ? [] : context.notJudged),
      ...(findings.verdict === 'allow' ? [limitsNotJudged] : []),
    ],
  }
}

function findingsOf(head: RequestHead, decision: Decision, { policy }: ExplainedConfig): Findings {
  const { outcome } = decision
  const { route = undefined, session = undefined } = 'route' in decision ? decision : {}
  const reason = outcome === 'deny' ? decision.reason : null
  const text = outcome === 'issue' ? '' : tokenOf(decision.facts)
  const found = reason === 'route_not_allowed' ? nearestRoute(policy, head.method, pathOf(head.target)) : undefined
  return {
    verdict: outcome,
    reason,
    status: reason ? denials[reason].status : outcome === 'preflight' ? 204 : null,
    code: reason && denials[reason].code,
    wouldDeny: (outcome === 'allow' && decision.wouldDeny) || null,
    route: route ? routeText(route) : null,
    scope: route?.scope ?? null,
    nearest: found ?? null,
    token: text === '' ? null : explainToken(text),
    session: session ? explainSession(policy, session) : null,
  }
}

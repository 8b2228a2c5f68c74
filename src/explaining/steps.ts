import type { Policy } from '../gate/policy.ts'
import { type Check, checks, denials } from '../gate/reasons.ts'
import { describeGrant } from './explained-session.ts'
import { describeToken } from './explained-token.ts'
import type { Findings } from './explanation.ts'
import { reasonWords } from './reason-words.ts'
import { describeTime } from './times.ts'

/** What came of one check. */
export interface Step {
  readonly check: Check
  /**
   * `answered`: the gateway itself has the answer, and no further check is made. `reported`: it would be refused here if the
   * policy did not just report it.
   */
  readonly result: 'passed' | 'refused' | 'reported' | 'answered' | 'not_reached'
  /** What was found; null: nothing that needs words. */
  readonly note: string | null
}

export interface StepContext {
  readonly policy: Policy
  /** Seconds since the epoch. */
  readonly now: number
}

/** Every check in its order: everything before the last one passed, everything after it was not reached. */
export function stepsOf(findings: Findings, context: StepContext): readonly Step[] {
  const { last, result } = endOf(findings)
  const end = checks.indexOf(last)
  return checks.map((check, index) => {
    const own = index === end ? result : passedBefore(check, index < end, findings)
    return { check, result: own, note: noteOn(check, own, findings, context) }
  })
}

/** Where the way of a request ends. Nothing is sent: of one that is let through, the last check stays open. */
function endOf({ verdict, reason }: Findings): { readonly last: Check; readonly result: Step['result'] } {
  if (reason !== null) return { last: denials[reason].check, result: 'refused' }
  if (verdict === 'preflight') return { last: 'preflight', result: 'answered' }
  return verdict === 'issue' ? { last: 'target', result: 'answered' } : { last: 'forward', result: 'not_reached' }
}

function passedBefore(
  check: Check,
  isBefore: boolean,
  { verdict, reason, route, wouldDeny }: Findings,
): Step['result'] {
  if (!isBefore) return 'not_reached'
  // A request for a session token is refused for its merchant without a route or a token of Forage.
  const needsRoute = check === 'route' || check === 'token' || check === 'scope'
  if (needsRoute && verdict === 'deny' && reason === 'merchant_account_not_allowed' && route === null)
    return 'not_reached'
  return check === 'scope' && wouldDeny !== null ? 'reported' : 'passed'
}

function noteOn(check: Check, result: Step['result'], findings: Findings, context: StepContext): string | null {
  const { reason, nearest } = findings
  if (result === 'not_reached') return null
  if (result === 'answered') return answers[check] ?? null
  const found = foundAt(check, findings, context)
  if (result === 'passed') return found
  const why = reason ?? 'scope_insufficient'
  const words = `${why}: ${reasonWords[why]}${result === 'reported' ? '; reported, and let through' : ''}`
  const details = nearest ? `did you mean ${nearest.route}?` : found
  return details === null ? words : `${words}; ${details}`
}

const answers: Readonly<Partial<Record<Check, string>>> = {
  preflight: 'a preflight of a configured origin: it carries no credentials, and is answered here',
  target: 'POST /session_token: the running gateway answers it, once it knows the caller',
}

/** What is known at a check, whether it passed or not. */
function foundAt(
  check: Check,
  { route, scope, token, session }: Findings,
  { policy, now }: StepContext,
): string | null {
  if (check === 'route' && route !== null) return `${route}, scope ${scope}`
  // What a session says of its end counts: its record may let it end before the token says.
  if (check === 'token' && session) return `${session.format}, expires ${describeTime(session.expiresAt, now)}`
  if (check === 'token' && token) return describeToken(token, now)
  if (check === 'scope' && session) return describeGrant(session, policy)
  return null
}

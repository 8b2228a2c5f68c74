import type { Foresight } from '../gate/policy-replay.ts'
import { showPath } from '../scan/show-path.ts'
import type { NotJudged, ReplayGroup, ReplayTally } from './replay-tally.ts'
import { alignColumns } from './table.ts'

const effectWords: Readonly<Record<ReplayGroup['effect'], string>> = {
  same: 'same',
  refused: 'refused',
  perhaps_refused: 'perhaps refused',
  perhaps_allowed: 'perhaps allowed',
}

const notJudgedWords: Readonly<Record<NotJudged, string>> = {
  no_route: 'had no route (route_not_allowed): the log holds no path that could be looked up now',
  not_understood: 'are about requests, and not as the gateway writes them',
  not_by_policy: 'no policy decides about: CORS preflights, and session tokens that were issued',
  other: 'are about something else than requests',
  not_json: 'are no JSON objects',
  overlong: 'are longer than any line of the gateway',
}

/** What no scrubbed log tells, whatever is in it. */
const cannotTell: readonly string[] = [
  'paths: where the new policy tells apart what the old route did not, it depends on the path',
  "what narrows a session: whoever lacked a scope may lack it still, by its token's claim or its record",
  'claims: where the new policy is narrowed by another claim than the old one, tokens may have less than is said here',
  'requests that are not in it: by its level, or since successes are sampled',
]

/** What would become of the requests of a log, for people. */
export function describeReplay(tally: ReplayTally): string {
  const headings = ['LINES', 'EFFECT', 'METHOD', 'ROUTE', 'USE CASE', 'THEN', 'NOW']
  const rows = tally.groups.map(group => [
    String(group.lines),
    effectWords[group.effect],
    showPath(group.method),
    showPath(group.template ?? '-'),
    showPath(group.useCase ?? '-'),
    group.reasonThen ?? 'allow',
    describeForesight(group.now),
  ])
  return `${rows.length === 0 ? '' : `${alignColumns([headings, ...rows])}\n`}${summaryOf(tally)}${describeUnknown(tally)}`
}

function summaryOf({ lines, effects, ofThisPolicy, leftOut }: ReplayTally): string {
  const { same, refused, perhaps_refused: perhapsRefused, perhaps_allowed: perhapsAllowed } = effects
  const more = leftOut === 0 ? '' : `, ${leftOut} of them in groups that are not shown`
  const own = ofThisPolicy === 0 ? '' : `${ofThisPolicy} were decided by this very policy\n`
  return `${lines} lines: ${same} the same, ${refused} would be refused, ${perhapsRefused} perhaps refused, ${perhapsAllowed} perhaps allowed${more}\n${own}`
}

function describeUnknown({ notJudged, sampled }: ReplayTally): string {
  const counts = [...notJudged].map(([why, lines]) => `  ${lines} ${notJudgedWords[why]}\n`)
  const skipped = counts.length === 0 ? '' : `not judged:\n${counts.join('')}`
  const sample =
    sampled === 0 ? '' : `${sampled} lines stand for others that were sampled out: the counts are too low\n`
  return `${skipped}${sample}what this log does not tell:\n${cannotTell.map(text => `  ${text}\n`).join('')}`
}

function describeForesight(now: Foresight): string {
  if (now.outcome === 'deny') return now.reason
  if (now.outcome === 'allow_unless_narrowed') return 'allow, unless narrowed'
  return now.outcome === 'path_decides' ? 'depends on the path' : 'allow'
}

/** The same for programs. */
export function replayJson(tally: ReplayTally): string {
  const { isSame, lines, requests, effects, notJudged, ofThisPolicy, sampled, leftOut } = tally
  return JSON.stringify({
    same: isSame,
    lines,
    requests,
    changes: effects,
    ofThisPolicy,
    sampled,
    groups: tally.groups.map(({ method, template, useCase, reasonThen, now, effect, lines: count }) => ({
      lines: count,
      effect,
      method,
      route: template ?? null,
      useCase: useCase ?? null,
      was: { decision: reasonThen === undefined ? 'allow' : 'deny', reason: reasonThen ?? null },
      now: { decision: now.outcome, reason: now.outcome === 'deny' ? now.reason : null },
    })),
    groupsLeftOut: leftOut,
    notJudged: Object.fromEntries(notJudged),
    cannotTell,
  })
}

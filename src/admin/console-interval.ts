import type { RequestStory } from '../observability/request-story.ts'
import { isUpstreamFault, verdictOf } from '../observability/verdict.ts'
import { addDurations, type DurationCounts, noDurations, noteDuration } from './console-durations.ts'

/** How long an interval is. */
export const intervalSec = 5

/** What happened in a few seconds. Plain data: a worker sends it to the process that has the console. */
export interface Interval {
  /** Seconds since the epoch, a multiple of `intervalSec`. */
  readonly startsAt: number
  /** Let through to Forage, whatever came of it there. */
  allowed: number
  denied: number
  /** Answered here: preflights, and session tokens that were handed out. */
  answered: number
  /** Of those that were let through: Forage gave no answer, or half of one. */
  faults: number
  /** Of those that were let through: the policy reports them, and would refuse them otherwise. */
  reported: number
  /** Refusals and faults, by reason. */
  readonly reasons: Record<string, number>
  /** What the gateway itself took, waiting for the budget and for slow clients included. */
  readonly ours: DurationCounts
  /** From sending to the head of Forage's answer. */
  readonly upstream: DurationCounts
}

export function emptyInterval(startsAt: number): Interval {
  const counts = { allowed: 0, denied: 0, answered: 0, faults: 0, reported: 0, reasons: {} }
  return { startsAt, ...counts, ours: noDurations(), upstream: noDurations() }
}

export function noteStory(into: Interval, story: RequestStory): void {
  const { decision, reason, durationMs, upstreamMs } = story
  const verdict = verdictOf(story)
  if (verdict === 'allow') into.allowed++
  else if (verdict === 'deny') into.denied++
  else into.answered++
  if (decision?.outcome === 'allow' && decision.wouldDeny) into.reported++
  if (reason !== undefined) {
    into.reasons[reason] = (into.reasons[reason] ?? 0) + 1
    if (isUpstreamFault(reason)) into.faults++
  }
  noteDuration(into.ours, Math.max(0, durationMs - (upstreamMs ?? 0)))
  if (upstreamMs !== undefined) noteDuration(into.upstream, upstreamMs)
}

export function addInterval(into: Interval, more: Interval): void {
  for (const name of ['allowed', 'denied', 'answered', 'faults', 'reported'] as const) into[name] += more[name]
  for (const [reason, count] of Object.entries(more.reasons)) into.reasons[reason] = (into.reasons[reason] ?? 0) + count
  addDurations(into.ours, more.ours)
  addDurations(into.upstream, more.upstream)
}

import type { Observe } from '../observability/request-story.ts'
import { addInterval, emptyInterval, type Interval, intervalSec, noteStory } from './console-interval.ts'
import { DecisionRing, type LiveDecision, liveDecisionOf, type NumberedDecision } from './live-decisions.ts'

/** What a worker tells the process that has the console: bounded, however much happened. */
export interface ActivityReport {
  readonly intervals: readonly Interval[]
  /** The last few since the report before. */
  readonly decisions: readonly LiveDecision[]
}

/** What has happened lately, as the console shows it. */
export interface Activity {
  readonly observe: Observe
  /** The last quarter of an hour, oldest first, the interval that is under way at the end. Quiet ones are in it. */
  intervals(): readonly Interval[]
  /** Decisions after the one of a number, and the number of the newest. */
  decisionsAfter(number: number): { readonly decisions: readonly NumberedDecision[]; readonly last: number }
  /** What happened since it was last asked for; it is forgotten here. */
  takeReport(): ActivityReport
  /** Adds what another process tells. */
  hear(report: ActivityReport): void
}

export interface ActivityOptions {
  /** Intervals that are kept. Default 180: 15 minutes. */
  readonly intervals?: number
  /** Decisions that are kept. Default 200. */
  readonly decisions?: number
  /** Most decisions in a report. Default 20. */
  readonly reported?: number
  /** Milliseconds since the epoch. Default: the system clock. */
  readonly now?: () => number
}

/** Counts requests by intervals of a few seconds and keeps the last ones. Per request it is an object and some additions. */
export function createActivity(options: ActivityOptions = {}): Activity {
  const { intervals: kept = 180, reported = 20, now = Date.now } = options
  const intervals = new Map<number, Interval>()
  const ring = new DecisionRing(options.decisions)
  let lastReported = 0

  function intervalAt(startsAt: number): Interval {
    const known = intervals.get(startsAt)
    if (known) return known
    const made = emptyInterval(startsAt)
    intervals.set(startsAt, made)
    const oldest = startOf(now()) - kept * intervalSec
    for (const time of intervals.keys()) if (time <= oldest) intervals.delete(time)
    return made
  }

  return {
    observe(story) {
      const time = now()
      noteStory(intervalAt(startOf(time)), story)
      ring.add(liveDecisionOf(story, time))
    },
    intervals() {
      const first = startOf(now()) - (kept - 1) * intervalSec
      const times = Array.from({ length: kept }, (_, index) => first + index * intervalSec)
      return times.map(time => intervals.get(time) ?? emptyInterval(time))
    },
    decisionsAfter: number => ({ decisions: ring.after(number), last: ring.last }),
    takeReport() {
      const report = {
        intervals: [...intervals.values()],
        decisions: ring.after(Math.max(lastReported, ring.last - reported)).map(withoutNumber),
      }
      intervals.clear()
      lastReported = ring.last
      return report
    },
    hear(report) {
      for (const interval of report.intervals) addInterval(intervalAt(interval.startsAt), interval)
      for (const decision of report.decisions) ring.add(decision)
    },
  }
}

function startOf(timeMs: number): number {
  return Math.floor(timeMs / 1000 / intervalSec) * intervalSec
}

/** Numbers are each process's own. */
function withoutNumber({ number: _, ...decision }: NumberedDecision): LiveDecision {
  return decision
}

import type { Config } from '../config/config.ts'
import { reasonWords } from '../explaining/reason-words.ts'
import type { Reason } from '../gate/reasons.ts'
import type { ReloadStatus } from '../gateway/reload.ts'
import type { ReloadNote } from '../gateway/reload-history.ts'
import type { WorkersStatus } from '../gateway/status.ts'
import type { MetricsSnapshot } from '../observability/metrics-snapshot.ts'
import type { Activity } from './console-activity.ts'
import { quantile } from './console-durations.ts'
import { addInterval, emptyInterval, type Interval, intervalSec } from './console-interval.ts'
import type { Readiness } from './status-routes.ts'

/** What the console asks. */
export interface ConsoleSources {
  readonly activity: Activity
  readonly config: () => Config
  readonly configuration: () => ReloadStatus
  /** Configurations that were read lately, newest first. */
  readonly history: () => readonly ReloadNote[]
  readonly readiness: () => Readiness
  readonly workers: () => WorkersStatus
  readonly metrics: () => Promise<MetricsSnapshot>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Milliseconds; null: there was nothing to measure. */
export interface Latency {
  readonly p50: number | null
  readonly p99: number | null
}

/** One value per interval that is over, oldest first. */
export interface Series {
  /** Seconds since the epoch. */
  readonly time: readonly number[]
  readonly allowed: readonly number[]
  readonly denied: readonly number[]
  readonly oursP50: readonly (number | null)[]
  readonly oursP99: readonly (number | null)[]
  readonly upstreamP50: readonly (number | null)[]
  readonly upstreamP99: readonly (number | null)[]
}

export interface Totals {
  readonly requests: number
  readonly allowed: number
  readonly denied: number
  readonly answered: number
  readonly faults: number
  readonly reported: number
  readonly ours: Latency
  readonly upstream: Latency
}

/** What the view "Now" shows, and what is in force. */
export interface ConsoleData {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly isReady: boolean
  readonly checks: Readonly<Record<string, string>>
  readonly workers: WorkersStatus
  readonly inflight: number
  readonly windowSec: number
  readonly intervalSec: number
  readonly series: Series
  readonly totals: Totals
  /** The most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly meaning: string; readonly count: number }[]
  /** By the address that requests leave from; none: there is no budget. */
  readonly budget: readonly { readonly egress: string; readonly remaining: number; readonly allowance: number }[]
  readonly configuration: ReloadStatus & { readonly history: readonly ReloadNote[] }
}

export async function readConsoleData(sources: ConsoleSources): Promise<ConsoleData> {
  const { activity, config, configuration, history, readiness, workers, now } = sources
  const intervals = activity.intervals()
  const metrics = await sources.metrics()
  const whole = emptyInterval(0)
  for (const interval of intervals) addInterval(whole, interval)
  return {
    at: now(),
    ...readiness(),
    workers: workers(),
    inflight: samplesOf(metrics, 'inflight_requests')[0]?.value ?? 0,
    windowSec: intervals.length * intervalSec,
    intervalSec,
    series: seriesOf(intervals.slice(0, -1)),
    totals: totalsOf(whole),
    reasons: reasonsOf(whole),
    budget: budgetOf(metrics, config()),
    configuration: { ...configuration(), history: history() },
  }
}

function seriesOf(intervals: readonly Interval[]): Series {
  return {
    time: intervals.map(({ startsAt }) => startsAt),
    allowed: intervals.map(({ allowed }) => allowed),
    denied: intervals.map(({ denied }) => denied),
    oursP50: intervals.map(({ ours }) => quantile(ours, 0.5)),
    oursP99: intervals.map(({ ours }) => quantile(ours, 0.99)),
    upstreamP50: intervals.map(({ upstream }) => quantile(upstream, 0.5)),
    upstreamP99: intervals.map(({ upstream }) => quantile(upstream, 0.99)),
  }
}

function totalsOf({ allowed, denied, answered, faults, reported, ours, upstream }: Interval): Totals {
  return {
    requests: allowed + denied + answered,
    ...{ allowed, denied, answered, faults, reported },
    ours: { p50: quantile(ours, 0.5), p99: quantile(ours, 0.99) },
    upstream: { p50: quantile(upstream, 0.5), p99: quantile(upstream, 0.99) },
  }
}

function reasonsOf({ reasons }: Interval): ConsoleData['reasons'] {
  return Object.entries(reasons)
    .map(([reason, count]) => ({ reason, meaning: reasonWords[reason as Reason], count }))
    .sort((one, other) => other.count - one.count || (one.reason < other.reason ? -1 : 1))
}

function budgetOf(metrics: MetricsSnapshot, { upstream: { budget } }: Config): ConsoleData['budget'] {
  if (budget === null) return []
  return samplesOf(metrics, 'budget_remaining').map(({ labels, value }) => {
    return { egress: String(labels.egress), remaining: value, allowance: budget.requests }
  })
}

function samplesOf(metrics: MetricsSnapshot, name: string): MetricsSnapshot[number]['values'] {
  return metrics.find(family => family.name === `forage_gateway_${name}`)?.values ?? []
}

import type { ReportedReason } from '../gate/decision.ts'
import { denials, type Reason } from '../gate/reasons.ts'
import { Durations } from './metrics-durations.ts'
import { methodIndexOf, methodLabels, routeLabelOf, statusNumberOf, verdictLabels } from './metrics-labels.ts'
import { familyOf, type MetricsSnapshot, type Sample, singleOf } from './metrics-snapshot.ts'
import type { RequestStory } from './request-story.ts'
import { isUpstreamFault, type Verdict, verdictOf, wouldDenyOf } from './verdict.ts'

/** The only one that there is. */
const reportedReason: ReportedReason = 'scope_insufficient'

interface Count {
  readonly labels: Sample['labels']
  value: number
}

/**
 * Counts requests. Per request it is a few look-ups by numbers and short texts, and additions; labels are made once per
 * combination, and a combination of closed sets each.
 */
export class RequestMetrics {
  readonly #routes = new Map<string, RouteMetrics>()
  /** Each reason is there from the start: an alert on the first one needs the zero before it. */
  readonly #reasons = new Map((Object.keys(denials) as Reason[]).map(reason => [reason, 0]))
  readonly #now: () => number
  #retries = 0
  #reported = 0

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now
  }

  observe(story: RequestStory): void {
    const { reason, retries = 0 } = story
    this.#routeOf(routeLabelOf(story)).observe(story, verdictOf(story))
    if (reason !== undefined) this.#reasons.set(reason, (this.#reasons.get(reason) as number) + 1)
    this.#retries += retries
    if (wouldDenyOf(story) !== undefined) this.#reported++
  }

  families(): MetricsSnapshot {
    const routes = [...this.#routes.values()]
    return [
      familyOf(
        'requests_total',
        routes.flatMap(route => [...route.counts.values()].map(count => ({ ...count }))),
      ),
      familyOf('denials_total', this.#byReason(false)),
      familyOf('would_deny_total', [{ labels: { reason: reportedReason }, value: this.#reported }]),
      familyOf(
        'request_duration_seconds',
        routes.flatMap(({ labels, whole }) => whole.samples('request_duration_seconds', labels)),
      ),
      familyOf(
        'upstream_duration_seconds',
        routes.flatMap(({ labels, upstream }) => upstream.samples('upstream_duration_seconds', labels)),
      ),
      familyOf('upstream_errors_total', this.#byReason(true)),
      singleOf('upstream_retries_total', this.#retries),
      singleOf('authentication_tokens_blocked_total', this.#reasons.get('authentication_token') as number),
    ]
  }

  #byReason(isUpstream: boolean): readonly Sample[] {
    const own = [...this.#reasons].filter(([reason]) => isUpstreamFault(reason) === isUpstream)
    return own.map(([reason, value]) => ({ labels: { reason }, value }))
  }

  #routeOf(name: string): RouteMetrics {
    const known = this.#routes.get(name)
    if (known) return known
    const made = new RouteMetrics(name, this.#now)
    this.#routes.set(name, made)
    return made
  }
}

/** The requests of one route. */
class RouteMetrics {
  readonly labels: { readonly route: string }
  readonly counts = new Map<number, Count>()
  readonly whole: Durations
  readonly upstream: Durations

  constructor(route: string, now: () => number) {
    this.labels = { route }
    this.whole = new Durations(now)
    this.upstream = new Durations(now)
  }

  observe({ method, status, durationMs, upstreamMs, decision }: RequestStory, verdict: Verdict): void {
    this.#count(methodIndexOf(method), statusNumberOf(status), verdictLabels.indexOf(verdict))
    this.whole.observe(durationMs / 1000, decision?.traceId)
    if (upstreamMs !== undefined) this.upstream.observe(upstreamMs / 1000, decision?.traceId)
  }

  #count(method: number, status: number, verdict: number): void {
    const key = (status * methodLabels.length + method) * verdictLabels.length + verdict
    const known = this.counts.get(key)
    if (known) known.value++
    else this.counts.set(key, { labels: this.#labelsOf(method, status, verdict), value: 1 })
  }

  #labelsOf(method: number, status: number, verdict: number): Sample['labels'] {
    return {
      ...this.labels,
      method: methodLabels[method] as string,
      status: status === 0 ? 'other' : String(status),
      decision: verdictLabels[verdict] as string,
    }
  }
}

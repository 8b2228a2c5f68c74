import process from 'node:process'
import type { UpstreamBudget } from '../limits/budget-ticket.ts'
import type { Ledger } from '../session/ledger.ts'
import type { Revocations } from '../session/revocations.ts'
import type { CacheCounts } from '../session/verified-sessions.ts'
import type { StateHealth } from '../state/shared-state.ts'
import type { IssuingCounts } from './issuing-counters.ts'
import { Durations } from './metrics-durations.ts'
import { processMetrics } from './metrics-process.ts'
import { RequestMetrics } from './metrics-requests.ts'
import { familyOf, type MetricsSnapshot, singleOf } from './metrics-snapshot.ts'
import type { Observe } from './request-story.ts'

/** What a process knows about session tokens, as far as it is counted. */
export interface KnownOfSessions {
  readonly ledger: Pick<Ledger, 'size' | 'evictions'>
  readonly revocations: Pick<Revocations, 'size'>
  readonly cache: CacheCounts
}

/** What is asked when somebody scrapes. */
export interface MetricsSources {
  readonly version: string
  readonly sessions: KnownOfSessions
  /** Null: there is none. */
  readonly budget: Pick<UpstreamBudget, 'remaining'> | null
  /** The state that is shared with other replicas. Default: there is none. */
  readonly sharedState?: { readonly health: Pick<StateHealth, 'status'> } | undefined
  /** Null: no session tokens are issued by this process. */
  readonly issuance: { readonly counts: () => IssuingCounts } | null
  /** Lines and spans that never got to where they should have. Default: none. */
  readonly lost?: Readonly<Record<Destination, () => number>>
  /** The configuration, and the ends of the certificates, in seconds since the epoch. Default: the first one, none. */
  readonly inForce?: { readonly generation: number; readonly certificates: Readonly<Record<string, number>> }
  /** Milliseconds since the epoch. Default: the system clock. */
  readonly now?: () => number
}

/** Where what happens is told. */
export type Destination = 'log' | 'audit' | 'spans'

const firstInForce = { generation: 1, certificates: {} }
const noLosses = { log: () => 0, audit: () => 0, spans: () => 0 }

/** What can become of a reload. */
export type ReloadResult = 'success' | 'failure'

/** The figures of one process. */
export interface Metrics {
  readonly observe: Observe
  /** A request has come: it is under way until `observe` is told of it. */
  noteBegun(): void
  /** A request had its turn, or gave up. @param seconds how long it waited for it */
  noteBudgetWait(seconds: number): void
  noteRevocation(): void
  noteReload(result: ReloadResult): void
  snapshot(): Promise<MetricsSnapshot>
}

export function createMetrics(sources: MetricsSources): Metrics {
  const { now = Date.now } = sources
  const requests = new RequestMetrics(now)
  const waits = new Durations(now)
  const reloads: Record<ReloadResult, number> = { success: 0, failure: 0 }
  let underWay = 0
  let revocations = 0
  return {
    observe(story) {
      underWay--
      requests.observe(story)
    },
    noteBegun: () => void underWay++,
    noteBudgetWait: seconds => waits.observe(seconds),
    noteRevocation: () => void revocations++,
    noteReload: result => void reloads[result]++,
    snapshot: async () => [
      ...requests.families(),
      ...sourceFamilies(sources),
      familyOf('budget_wait_seconds', waits.samples('budget_wait_seconds')),
      singleOf('revocations_total', revocations),
      singleOf('inflight_requests', underWay),
      familyOf('config_reload_total', samplesOf('result', reloads)),
      ...(await processMetrics()),
    ],
  }
}

/** What other parts know. */
function sourceFamilies(sources: MetricsSources): MetricsSnapshot {
  const { version, sessions, issuance, lost = noLosses, inForce = firstInForce } = sources
  const { ledger, revocations, cache } = sessions
  const { issued = {}, leaks = 0 } = issuance?.counts() ?? {}
  return [
    singleOf('leaked_credentials_total', leaks),
    familyOf('token_cache_total', samplesOf('result', { hit: cache.hits, miss: cache.misses })),
    ...budgetFamilies(sources),
    ...stateFamilies(sources),
    familyOf('issued_session_tokens_total', samplesOf('use_case', issued)),
    singleOf('revocations_held', revocations.size),
    singleOf('ledger_tokens', ledger.size),
    singleOf('ledger_evictions_total', ledger.evictions),
    familyOf(
      'telemetry_lost_total',
      samplesOf('destination', { log: lost.log(), audit: lost.audit(), spans: lost.spans() }),
    ),
    singleOf('config_generation', inForce.generation),
    familyOf('certificate_expiry_timestamp_seconds', samplesOf('certificate', inForce.certificates)),
    familyOf('build_info', [{ labels: { version, node: process.version }, value: 1 }]),
  ]
}

function budgetFamilies({ budget }: MetricsSources): MetricsSnapshot {
  // Without a name the system chooses the address.
  const egresses = (budget?.remaining() ?? []).map(each => ({ ...each, labels: { egress: each.egress || 'default' } }))
  return [
    familyOf(
      'budget_remaining',
      egresses.map(({ labels, remaining }) => ({ labels, value: remaining })),
    ),
    familyOf(
      'budget_used',
      egresses.map(({ labels, used }) => ({ labels, value: used })),
    ),
  ]
}

/** Nothing where nothing is shared: a 0 would be an alarm. */
function stateFamilies({ sharedState }: MetricsSources): MetricsSnapshot {
  if (!sharedState) return []
  return [singleOf('state_connected', sharedState.health.status === 'connected' ? 1 : 0)]
}

function samplesOf(label: string, values: Readonly<Record<string, number>>) {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }))
}

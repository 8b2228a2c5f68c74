/** What every name of ours begins with. */
export const metricsPrefix = 'forage_gateway_'

/** How a metric is shown, and how those of several processes become one. Default: their sum. */
export interface MetricDescription {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  readonly help: string
  readonly aggregator?: 'sum' | 'first' | 'min' | 'max'
}

/** All metrics of the gateway's own. `docs/operations.md` says of each what its labels may be. */
export const metricsCatalogue = {
  requests_total: {
    type: 'counter',
    labels: ['route', 'method', 'status', 'decision'],
    help: 'Requests that ended, by what became of them.',
  },
  denials_total: { type: 'counter', labels: ['reason'], help: 'Requests that were refused, by reason.' },
  would_deny_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'Requests that were let through since the policy reports a denial of theirs, by reason.',
  },
  request_duration_seconds: {
    type: 'histogram',
    labels: ['route'],
    help: 'From the head of a request to the end of its answer.',
  },
  upstream_duration_seconds: {
    type: 'histogram',
    labels: ['route'],
    help: 'From sending a request to Forage to the head of its answer.',
  },
  upstream_errors_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'Requests that got no answer of Forage, or half of one, by reason.',
  },
  upstream_retries_total: { type: 'counter', labels: [], help: 'Requests that were sent to Forage a second time.' },
  authentication_tokens_blocked_total: {
    type: 'counter',
    labels: [],
    help: 'Requests refused since they held a credential of a server.',
  },
  leaked_credentials_total: {
    type: 'counter',
    labels: [],
    help: "Credentials of the gateway's own that a client sent.",
  },
  token_cache_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Session tokens that had been verified before, and that had not.',
  },
  budget_remaining: {
    type: 'gauge',
    labels: ['egress'],
    help: 'Requests that may be sent to Forage now, by the address they leave from.',
  },
  budget_used: {
    type: 'gauge',
    labels: ['egress'],
    help: 'Requests that Forage may still count now, by the address they left from.',
  },
  budget_wait_seconds: { type: 'histogram', labels: [], help: 'How long requests waited for a place in the budget.' },
  issued_session_tokens_total: {
    type: 'counter',
    labels: ['use_case'],
    help: 'Session tokens that were handed out, by use case.',
  },
  revocations_total: { type: 'counter', labels: [], help: 'Revocations that were made.' },
  revocations_held: {
    type: 'gauge',
    labels: [],
    help: 'Revocations that are remembered now.',
    aggregator: 'max',
  },
  ledger_tokens: { type: 'gauge', labels: [], help: 'Session tokens on record now.', aggregator: 'max' },
  ledger_evictions_total: {
    type: 'counter',
    labels: [],
    help: 'Session tokens that had to leave a full ledger before their end.',
  },
  state_connected: {
    type: 'gauge',
    labels: [],
    help: '1 while the state that replicas share is there, 0 while it is away.',
    aggregator: 'min',
  },
  inflight_requests: { type: 'gauge', labels: [], help: 'Requests that are under way now.' },
  config_generation: {
    type: 'gauge',
    labels: [],
    help: 'Number of the configuration that is in force: 1 at the start, one more for each reload.',
    aggregator: 'min',
  },
  config_reload_total: { type: 'counter', labels: ['result'], help: 'Reloads of the configuration, by result.' },
  certificate_expiry_timestamp_seconds: {
    type: 'gauge',
    labels: ['certificate'],
    help: 'When a certificate in use ends.',
    aggregator: 'min',
  },
  telemetry_lost_total: {
    type: 'counter',
    labels: ['destination'],
    help: 'Log lines, audit lines and spans that were lost: their destination was full, slow or gone.',
  },
  build_info: {
    type: 'gauge',
    labels: ['version', 'node'],
    help: 'Always 1; its labels tell what runs.',
    aggregator: 'first',
  },
} as const

export type MetricName = keyof typeof metricsCatalogue

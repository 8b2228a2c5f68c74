import process from 'node:process'
import t from 'tap'
import { denials } from '../../src/gate/reasons.ts'
import { aMetrics, shown } from '../fixtures/a-metrics.ts'
import { defaultPolicy } from '../fixtures/config.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { promtool } from '../fixtures/scrape.ts'
import { aStory, issue, letIn, preflight, refusedAs } from '../fixtures/story.ts'

const g = (name: string): string => `forage_gateway_${name}`

t.test('before the first request every sum of a closed set stands at 0, so that its first rise is seen', async t => {
  const { value } = await shown(aMetrics())
  for (const reason of Object.keys(denials)) {
    const isUpstream = reason.startsWith('upstream_')
    t.equal(value(g('denials_total'), { reason }), isUpstream ? undefined : 0, reason)
    t.equal(value(g('upstream_errors_total'), { reason }), isUpstream ? 0 : undefined, reason)
  }
  for (const name of [
    ...['upstream_retries_total', 'authentication_tokens_blocked_total', 'leaked_credentials_total'],
    ...['revocations_total', 'revocations_held', 'ledger_tokens', 'ledger_evictions_total', 'inflight_requests'],
    'budget_wait_seconds_count',
  ])
    t.equal(value(g(name)), 0, name)
  for (const result of ['success', 'failure']) t.equal(value(g('config_reload_total'), { result }), 0)
  for (const result of ['hit', 'miss']) t.equal(value(g('token_cache_total'), { result }), 0)
  t.equal(value(g('config_generation')), 1)
  t.equal(value(g('build_info'), { version: '1.2.3', node: process.version }), 1)
})

t.test('a denial that is reported and left out is counted as one, and its request as allowed', async t => {
  const metrics = aMetrics()
  const name = g('would_deny_total')
  t.equal((await shown(metrics)).value(name, { reason: 'scope_insufficient' }), 0)
  metrics.observe(aStory({ decision: { ...letIn('/api/payments/'), wouldDeny: 'scope_insufficient' } }))
  metrics.observe(aStory())
  const { value } = await shown(metrics)
  t.equal(value(name, { reason: 'scope_insufficient' }), 1)
  t.equal(value(g('denials_total'), { reason: 'scope_insufficient' }), 0)
})

for (const [what, story, labels] of [
  ['an order was read', {}, ['/api/orders/{ref}/', 'GET', '200', 'allow']],
  ['Forage said no', { status: 404 }, ['/api/orders/{ref}/', 'GET', '404', 'allow']],
  [
    'Forage did not answer in time',
    { reason: 'upstream_timeout', status: 504 },
    ['/api/orders/{ref}/', 'GET', '504', 'allow'],
  ],
  [
    'a body turned out too large on its way',
    { reason: 'body_too_large', status: 413, method: 'POST', decision: letIn('/api/payments/') },
    ['/api/payments/', 'POST', '413', 'deny'],
  ],
  ['the client went away', { status: 499 }, ['/api/orders/{ref}/', 'GET', '499', 'allow']],
  [
    'no route was found',
    { reason: 'route_not_allowed', status: 403, decision: refusedAs('route_not_allowed') },
    ['none', 'GET', '403', 'deny'],
  ],
  [
    'a scope was missing on a route',
    {
      reason: 'scope_insufficient',
      status: 403,
      decision: { ...refusedAs('scope_insufficient'), route: letIn('/api/payments/').route },
    },
    ['/api/payments/', 'GET', '403', 'deny'],
  ],
  [
    'the message was malformed',
    { reason: 'field_invalid', status: 400, method: '', decision: undefined },
    ['none', 'other', '400', 'deny'],
  ],
  [
    'a browser asked first',
    { status: 204, method: 'OPTIONS', decision: preflight },
    ['none', 'OPTIONS', '204', 'preflight'],
  ],
  [
    'a session token was issued',
    { status: 200, method: 'POST', decision: issue },
    ['/session_token', 'POST', '200', 'issue'],
  ],
  [
    'a caller was not known',
    { status: 401, method: 'POST', decision: issue, reason: 'caller_not_accepted' },
    ['/session_token', 'POST', '401', 'deny'],
  ],
  ['the upstream made up a status', { status: 999 }, ['/api/orders/{ref}/', 'GET', 'other', 'allow']],
] as const) {
  t.test(`${what}: counted as ${labels.join(' ')}`, async t => {
    const metrics = aMetrics()
    metrics.observe(aStory(story as Parameters<typeof aStory>[0]))
    metrics.observe(aStory(story as Parameters<typeof aStory>[0]))
    const [route, method, status, decision] = labels
    const { value } = await shown(metrics)
    t.equal(value(g('requests_total'), { route, method, status, decision }), 2)
    t.equal(value(g('request_duration_seconds_count'), { route }), 2)
  })
}

t.test('refusals and faults of the upstream are counted by reason, each in its place', async t => {
  const metrics = aMetrics()
  for (const reason of ['token_expired', 'token_expired', 'authentication_token', 'upstream_reset'] as const)
    metrics.observe(aStory({ reason, ...(reason !== 'upstream_reset' && { decision: refusedAs(reason) }) }))
  const { value } = await shown(metrics)
  t.equal(value(g('denials_total'), { reason: 'token_expired' }), 2)
  t.equal(value(g('denials_total'), { reason: 'authentication_token' }), 1)
  t.equal(value(g('authentication_tokens_blocked_total')), 1)
  t.equal(value(g('upstream_errors_total'), { reason: 'upstream_reset' }), 1)
  t.equal(value(g('upstream_errors_total'), { reason: 'upstream_timeout' }), 0)
})

t.test('a request that was sent twice is one retry', async t => {
  const metrics = aMetrics()
  metrics.observe(aStory({ retries: 1 }))
  metrics.observe(aStory())
  const { retries: _none, ...untold } = aStory()
  metrics.observe(untold)
  t.equal((await shown(metrics)).value(g('upstream_retries_total')), 1)
})

t.test('the time of Forage is apart from the whole, and missing where Forage did not answer', async t => {
  const metrics = aMetrics()
  metrics.observe(aStory({ durationMs: 12, upstreamMs: 8 }))
  metrics.observe(aStory({ durationMs: 250, upstreamMs: undefined }))
  const route = '/api/orders/{ref}/'
  const { value } = await shown(metrics)
  t.equal(value(g('request_duration_seconds_sum'), { route }), 0.262)
  t.equal(value(g('upstream_duration_seconds_sum'), { route }), 0.008)
  t.equal(value(g('upstream_duration_seconds_count'), { route }), 1)
  t.equal(value(g('upstream_duration_seconds_bucket'), { route, le: '0.005' }), 0)
  t.equal(value(g('upstream_duration_seconds_bucket'), { route, le: '0.01' }), 1)
  t.equal(value(g('request_duration_seconds_bucket'), { route, le: '0.1' }), 1)
  t.equal(value(g('request_duration_seconds_bucket'), { route, le: '0.25' }), 2)
})

t.test('a request is under way from its beginning to its story', async t => {
  const metrics = aMetrics()
  metrics.noteBegun()
  metrics.noteBegun()
  t.equal((await shown(metrics)).value(g('inflight_requests')), 2)
  metrics.observe(aStory())
  t.equal((await shown(metrics)).value(g('inflight_requests')), 1)
})

t.test('what other parts know is asked for at each scrape', async t => {
  const ledger = { size: 3, evictions: 1 }
  const egresses = [
    { egress: '', remaining: 880 },
    { egress: '192.0.2.9', remaining: 7 },
  ]
  const metrics = aMetrics({
    sessions: { ledger, revocations: { size: 2 }, cache: { hits: 10, misses: 4 } },
    budget: { remaining: () => egresses.map(each => ({ ...each, used: 893 - each.remaining, allowance: 900 })) },
    issuance: { counts: () => ({ issued: { checkout: 5, balance: 0 }, leaks: 1 }) },
    inForce: { generation: 4, certificates: { listener: 1_800_000_000 } },
    lost: { log: () => 1, audit: () => 2, spans: () => 3 },
  })
  metrics.noteRevocation()
  metrics.noteReload('failure')
  metrics.noteReload('success')
  metrics.noteReload('success')
  metrics.noteBudgetWait(0.2)
  ledger.size = 6
  const { value } = await shown(metrics)
  t.equal(value(g('ledger_tokens')), 6)
  t.equal(value(g('ledger_evictions_total')), 1)
  t.equal(value(g('revocations_held')), 2)
  t.equal(value(g('revocations_total')), 1)
  t.equal(value(g('token_cache_total'), { result: 'hit' }), 10)
  t.equal(value(g('token_cache_total'), { result: 'miss' }), 4)
  t.equal(value(g('budget_remaining'), { egress: 'default' }), 880)
  t.equal(value(g('budget_remaining'), { egress: '192.0.2.9' }), 7)
  t.equal(value(g('budget_used'), { egress: 'default' }), 13)
  t.equal(value(g('budget_used'), { egress: '192.0.2.9' }), 886)
  t.equal(value(g('issued_session_tokens_total'), { use_case: 'checkout' }), 5)
  t.equal(value(g('issued_session_tokens_total'), { use_case: 'balance' }), 0)
  t.equal(value(g('leaked_credentials_total')), 1)
  t.equal(value(g('config_generation')), 4)
  t.equal(value(g('certificate_expiry_timestamp_seconds'), { certificate: 'listener' }), 1_800_000_000)
  t.equal(value(g('telemetry_lost_total'), { destination: 'log' }), 1)
  t.equal(value(g('telemetry_lost_total'), { destination: 'audit' }), 2)
  t.equal(value(g('telemetry_lost_total'), { destination: 'spans' }), 3)
  t.equal(value(g('config_reload_total'), { result: 'failure' }), 1)
  t.equal(value(g('config_reload_total'), { result: 'success' }), 2)
  t.equal(value(g('budget_wait_seconds_sum')), 0.2)
})

t.test('the shared state is told as 1 or 0, and where none is shared as nothing at all', async t => {
  const sharedState: { health: { status: 'connected' | 'away' } } = { health: { status: 'connected' } }
  const metrics = aMetrics({ sharedState })
  t.equal((await shown(metrics)).value(g('state_connected')), 1)
  sharedState.health = { status: 'away' }
  t.equal((await shown(metrics)).value(g('state_connected')), 0)
  t.equal((await shown(aMetrics())).value(g('state_connected')), undefined)
})

t.test('no flood of methods, statuses and routes makes a label that is not of its closed set', async t => {
  const metrics = aMetrics()
  const templates = defaultPolicy().routes.map(({ template }) => template)
  for (let count = 0; count < 3000; count++) {
    const decision = count % 2 === 0 ? refusedAs('route_not_allowed') : letIn(templates[count % 18] as string)
    metrics.observe(aStory({ method: `M${count}`, status: 600 + count, decision }))
  }
  const { text, labelValues } = await shown(metrics)
  t.same(labelValues('method'), ['other'])
  t.same(labelValues('status'), ['other'])
  t.same(
    labelValues('route').filter(route => !templates.includes(route)),
    ['none'],
  )
  t.ok(text.length < 100_000, `${text.length} characters`)
})

t.test('promtool finds nothing amiss', { skip: missingPart('promtool') }, async t => {
  const metrics = aMetrics({ issuance: { counts: () => ({ issued: { 'a "quoted"\\case': 1 }, leaks: 0 }) } })
  metrics.observe(aStory())
  metrics.observe(aStory({ decision: refusedAs('token_expired'), reason: 'token_expired' }))
  t.equal(promtool(['check', 'metrics'], (await shown(metrics)).text), '')
})

t.test('the process, its event loop and its garbage collection are shown', async t => {
  const { names, value } = await shown(aMetrics())
  for (const name of ['process_cpu_seconds_total', 'nodejs_eventloop_lag_p99_seconds', 'nodejs_gc_duration_seconds'])
    t.ok(names.includes(name), name)
  t.ok((value('process_resident_memory_bytes') ?? 0) > 10_000_000)
})

import process from 'node:process'
import t from 'tap'
import { mergeMetrics } from '../../src/observability/metrics-merge.ts'
import type { MetricFamily, Sample } from '../../src/observability/metrics-snapshot.ts'
import { writeMetrics } from '../../src/observability/metrics-text.ts'
import { aMetrics } from '../fixtures/a-metrics.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { promtool, readMetrics } from '../fixtures/scrape.ts'
import { aStory } from '../fixtures/story.ts'

function aFamily(aggregator: MetricFamily['aggregator'], ...values: readonly number[]): MetricFamily {
  const samples = values.map((value, index) => ({ labels: { number: index }, value }))
  return { name: 'a_metric', help: 'For tests.', type: 'gauge', aggregator, values: samples }
}

for (const [aggregator, expected] of [
  ['sum', 12],
  ['average', 4],
  ['min', 1],
  ['max', 8],
  ['first', 3],
  ['omit', 3],
] as const) {
  t.test(`3, 1 and 8 of three processes are ${expected} by ${aggregator}`, async t => {
    const [merged] = mergeMetrics([3, 1, 8].map(value => [aFamily(aggregator, value)]))
    t.same(merged, aFamily(aggregator, expected))
  })
}

t.test('samples are the same when name and labels are, in whatever order', async t => {
  const one: Sample = { labels: { route: '/', le: 1 }, value: 2, metricName: 'a_bucket' }
  const [merged] = mergeMetrics([
    [{ ...aFamily('sum'), values: [one, { ...one, metricName: 'a_count' }] }],
    [
      {
        ...aFamily('sum'),
        values: [
          { ...one, labels: { le: 1, route: '/' } },
          { ...one, labels: { route: '/' } },
        ],
      },
    ],
  ])
  t.same(merged?.values, [
    { ...one, value: 4 },
    { ...one, metricName: 'a_count' },
    { ...one, labels: { route: '/' } },
  ])
})

t.test('a metric that one process alone has is shown as it is', async t => {
  const other = { ...aFamily('sum', 5), name: 'another_metric' }
  t.same(mergeMetrics([[aFamily('sum', 1)], [other]]), [aFamily('sum', 1), other])
  t.same(mergeMetrics([]), [])
})

t.test('what was not a number on its way over the pipe counts as 0', async t => {
  const sent = JSON.parse(JSON.stringify([aFamily('sum', Number.NaN)]))
  t.same(mergeMetrics([[aFamily('sum', 2)], sent]), [aFamily('sum', 2)])
})

t.test('of the traces of a bucket the newest is kept', async t => {
  const traced = (trace_id: string, timestamp: number): MetricFamily => ({
    ...aFamily('sum'),
    values: [{ labels: {}, value: 1, exemplar: { labelSet: { trace_id }, value: 1, timestamp } }],
  })
  const [merged] = mergeMetrics([[traced('old', 1)], [traced('new', 3)], [traced('older', 2)], [aFamily('sum')]])
  t.match(merged?.values, [{ value: 3, exemplar: { labelSet: { trace_id: 'new' } } }])
})

t.test('two processes are one to a scraper', { skip: missingPart('promtool') }, async t => {
  const [one, other] = [aMetrics(), aMetrics({ inForce: { generation: 2, certificates: {} } })]
  one.observe(aStory({ durationMs: 2 }))
  other.observe(aStory({ durationMs: 200 }))
  other.noteBegun()
  other.noteBegun()
  const { text } = await writeMetrics(mergeMetrics([await one.snapshot(), await other.snapshot()]), 'text')
  t.equal(promtool(['check', 'metrics'], text), '')
  const { value } = readMetrics(text)
  const route = '/api/orders/{ref}/'
  const counted = { route, method: 'GET', status: '200', decision: 'allow' }
  t.equal(value('forage_gateway_requests_total', counted), 2)
  t.equal(value('forage_gateway_request_duration_seconds_bucket', { route, le: '0.1' }), 1)
  t.equal(value('forage_gateway_request_duration_seconds_count', { route }), 2)
  t.equal(value('forage_gateway_inflight_requests'), 0)
  t.equal(value('forage_gateway_config_generation'), 1)
  t.equal(value('forage_gateway_build_info', { version: '1.2.3', node: process.version }), 1)
  t.ok((value('process_start_time_seconds') ?? 0) > 1_600_000_000)
})

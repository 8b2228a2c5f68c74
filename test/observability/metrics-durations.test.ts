import t from 'tap'
import { Durations } from '../../src/observability/metrics-durations.ts'

function counted(seconds: number): Durations {
  const durations = new Durations(() => 1_700_000_000_500)
  durations.observe(seconds, 'a-trace')
  return durations
}

/** The first bucket in which a duration stands. */
function bucketOf(seconds: number): unknown {
  return counted(seconds)
    .samples('budget_wait_seconds')
    .find(({ value }) => value === 1)?.labels.le
}

for (const [seconds, bucket] of [
  [0, 0.001],
  [0.001, 0.001],
  [0.0010001, 0.0025],
  [10, 10],
  [10.001, '+Inf'],
  [86_400, '+Inf'],
] as const) {
  t.test(`${seconds} seconds stand in the bucket up to ${bucket}`, async t => t.equal(bucketOf(seconds), bucket))
}

t.test('a bucket keeps the latest trace, and the time it was seen', async t => {
  const durations = counted(0.002)
  durations.observe(0.0021, 'a-later-trace')
  durations.observe(0.0022)
  const exemplars = durations.samples('budget_wait_seconds').flatMap(({ exemplar }) => exemplar ?? [])
  t.same(exemplars, [{ labelSet: { trace_id: 'a-later-trace' }, value: 0.0021, timestamp: 1_700_000_000.5 }])
})

t.test('samples come as they are written: buckets that grow, sum, count, under the labels that are given', async t => {
  const durations = counted(0.3)
  durations.observe(0.0005)
  const samples = durations.samples('budget_wait_seconds', { route: 'none' })
  t.same(
    samples.map(({ metricName, labels, value }) => [metricName?.replace(/.*_seconds_/, ''), labels.le, value]),
    [
      ...[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25].map(le => ['bucket', le, 1]),
      ...[0.5, 1, 2.5, 5, 10, '+Inf'].map(le => ['bucket', le, 2]),
      ['sum', undefined, 0.3005],
      ['count', undefined, 2],
    ],
  )
  t.ok(samples.every(({ labels }) => labels.route === 'none'))
})

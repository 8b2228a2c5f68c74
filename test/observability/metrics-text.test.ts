import t from 'tap'
import { writeMetrics } from '../../src/observability/metrics-text.ts'
import { aMetrics } from '../fixtures/a-metrics.ts'
import { aStory } from '../fixtures/story.ts'

t.test('OpenMetrics names counters without _total, shows the trace of a bucket, and ends with EOF', async t => {
  const metrics = aMetrics()
  metrics.observe(aStory())
  const { contentType, text } = await writeMetrics(await metrics.snapshot(), 'openMetrics')
  t.equal(contentType, 'application/openmetrics-text; version=1.0.0; charset=utf-8')
  const lines = text.split('\n')
  t.ok(lines.includes('# TYPE forage_gateway_requests counter'))
  t.ok(
    lines.includes(
      'forage_gateway_requests_total{route="/api/orders/{ref}/",method="GET",status="200",decision="allow"} 1',
    ),
  )
  t.ok(
    lines.includes(
      'forage_gateway_request_duration_seconds_bucket{route="/api/orders/{ref}/",le="0.025"} 1 # {trace_id="0af7651916cd43dd8448eb211c80319c"} 0.012 1700000000',
    ),
  )
  t.same(lines.slice(-2), ['# EOF', ''])
})

t.test('the plain format has no traces, and the same names whichever was written before', async t => {
  const metrics = aMetrics()
  metrics.observe(aStory())
  const snapshot = await metrics.snapshot()
  const before = await writeMetrics(snapshot, 'text')
  await writeMetrics(snapshot, 'openMetrics')
  t.same(await writeMetrics(snapshot, 'text'), before)
  t.equal(before.contentType, 'text/plain; version=0.0.4; charset=utf-8')
  t.match(before.text, '# TYPE forage_gateway_requests_total counter\n')
  t.notMatch(before.text, 'trace_id')
  t.notMatch(before.text, '# EOF')
})

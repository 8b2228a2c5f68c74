import t from 'tap'
import { createWorkerMetrics } from '../../src/observability/metrics-of-workers.ts'
import type { MetricFamily, MetricsSnapshot } from '../../src/observability/metrics-snapshot.ts'

interface Worker {
  readonly name: string
}

function counted(value: number): MetricsSnapshot {
  const values = [{ labels: {}, value }]
  const family: MetricFamily = { name: 'requests_total', help: '', type: 'counter', aggregator: 'sum', values }
  return [family, { ...family, name: 'inflight', type: 'gauge' }]
}

function totalOf(snapshots: readonly MetricsSnapshot[], name = 'requests_total'): number {
  return snapshots
    .flat()
    .filter(family => family.name === name)
    .reduce((sum, { values }) => sum + (values[0]?.value ?? 0), 0)
}

function twoWorkers() {
  const asked: [string, number][] = []
  const patience: (() => void)[] = []
  const metrics = createWorkerMetrics<Worker>({
    ask: ({ name }, round) => void asked.push([name, round]),
    setPatience(run) {
      patience.push(run)
      return () => {}
    },
  })
  return { metrics, asked, patience, one: { name: 'one' }, two: { name: 'two' } }
}

t.test('all workers are asked, and summed up when the last one has answered', async t => {
  const { metrics, asked, one, two } = twoWorkers()
  const collected = metrics.collect([one, two])
  t.same(asked, [
    ['one', 1],
    ['two', 1],
  ])
  metrics.hear(two, 1, counted(2))
  metrics.hear(one, 1, counted(40))
  t.equal(totalOf(await collected), 42)
})

t.test('where there is no worker there is nothing to wait for', async t => {
  t.equal(totalOf(await twoWorkers().metrics.collect([])), 0)
})

t.test('a worker that does not answer in time is shown as it was', async t => {
  const { metrics, patience, one, two } = twoWorkers()
  const first = metrics.collect([one, two])
  metrics.hear(one, 1, counted(1))
  metrics.hear(two, 1, counted(2))
  await first
  const second = metrics.collect([one, two])
  metrics.hear(one, 2, counted(10))
  patience[1]?.()
  t.equal(totalOf(await second), 12)
  metrics.hear(two, 2, counted(3))
  const third = metrics.collect([one])
  metrics.hear(one, 3, counted(10))
  t.equal(totalOf(await third), 13, 'an answer that came late is no worse for it')
})

t.test('an answer to an earlier question does not count as one to the next', async t => {
  const { metrics, one, two } = twoWorkers()
  const [first, second] = [metrics.collect([one]), metrics.collect([one, two])]
  metrics.hear(two, 2, counted(2))
  metrics.hear(one, 1, counted(1))
  await first
  let isOver = false
  void second.then(() => {
    isOver = true
  })
  await Promise.resolve()
  t.equal(isOver, false)
  metrics.hear(one, 2, counted(5))
  t.equal(totalOf(await second), 7)
})

t.test('what a worker has counted outlives it, what it was at does not, and nobody waits for it', async t => {
  const { metrics, one, two } = twoWorkers()
  const first = metrics.collect([one])
  metrics.hear(one, 1, counted(5))
  await first
  const second = metrics.collect([one, two])
  metrics.hear(two, 2, counted(2))
  metrics.lose(one)
  metrics.hear(one, 2, counted(6))
  const snapshots = await second
  t.equal(totalOf(snapshots), 7)
  t.equal(totalOf(snapshots, 'inflight'), 2)
  metrics.lose(two)
  metrics.lose({ name: 'never heard of' })
  t.equal(totalOf(await metrics.collect([])), 7)
})

t.test('on the system’s own timers nobody is waited for longer than is said', async t => {
  const metrics = createWorkerMetrics<Worker>({ ask: () => {}, patienceMs: 5 })
  t.equal(totalOf(await metrics.collect([{ name: 'mute' }])), 0)
})

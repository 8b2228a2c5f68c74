import { readFileSync } from 'node:fs'
import process from 'node:process'
import t from 'tap'
import { metricsCatalogue, metricsPrefix } from '../../src/observability/metrics-catalogue.ts'
import type { MetricsSnapshot } from '../../src/observability/metrics-snapshot.ts'
import { aMetrics } from '../fixtures/a-metrics.ts'
import { aStory } from '../fixtures/story.ts'

/** The rows of the tables of metrics: name, type, labels. */
function documented(): string[] {
  const text = readFileSync('docs/operations.md', 'utf8')
  const rows = [...text.matchAll(/^\| `([a-z_0-9]+)` \| (counter|gauge|histogram) \| (.*?) ?\| .+ \|$/gm)]
  return rows.map(([, name, type, labels = '']) => `${name} ${type} ${labels.replaceAll(/[`,]/g, '')}`.trim())
}

/** A process in which everything has happened that makes a label. */
async function full(): Promise<MetricsSnapshot> {
  const metrics = aMetrics({
    budget: { remaining: () => [{ egress: '', remaining: 1, used: 0, allowance: 1 }] },
    sharedState: { health: { status: 'connected' } },
    inForce: { generation: 1, certificates: { listener: 1 } },
    issuance: { counts: () => ({ issued: { checkout: 1 }, leaks: 0 }) },
  })
  metrics.observe(aStory())
  return metrics.snapshot()
}

t.test('the tables of the documents are the metrics, their types and their labels', async t => {
  const snapshot = await full()
  const ofOurs = (row: string): boolean => row.startsWith(metricsPrefix)
  const shown = snapshot.map(({ name, type, values }) => {
    const labels = Object.keys(values[0]?.labels ?? {}).filter(label => label !== 'le')
    return `${name} ${type} ${labels.join(' ')}`.trim()
  })
  t.same(
    documented().filter(ofOurs),
    Object.entries(metricsCatalogue).map(([name, { type, labels }]) =>
      `${metricsPrefix}${name} ${type} ${labels.join(' ')}`.trim(),
    ),
    'the catalogue, in its order',
  )
  t.same(shown.filter(ofOurs).sort(), documented().filter(ofOurs).sort(), 'what is scraped')
})

t.test(
  'the metrics of the process are the documented ones',
  { skip: process.platform !== 'linux' && 'they are those of Linux' },
  async t => {
    const names = (await full())
      .map(({ name, type }) => `${name} ${type}`)
      .filter(row => !row.startsWith(metricsPrefix))
    const rows = documented().filter(row => !row.startsWith(metricsPrefix))
    t.same(names.sort(), rows.map(row => row.split(' ').slice(0, 2).join(' ')).sort())
  },
)

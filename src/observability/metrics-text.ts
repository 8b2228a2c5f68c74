import type { Metric, Registry, RegistryContentType } from 'prom-client'
import type { MetricFamily, MetricsSnapshot } from './metrics-snapshot.ts'

/** `text`: Prometheus' text format 0.0.4. `openMetrics`: OpenMetrics 1.0, with exemplars. */
export type MetricsFormat = 'text' | 'openMetrics'

export interface MetricsText {
  readonly contentType: string
  readonly text: string
}

/** The metrics as they are scraped. A registry of its own each time: prom-client changes names in one that it has shown. */
export async function writeMetrics(snapshot: MetricsSnapshot, format: MetricsFormat): Promise<MetricsText> {
  const { Registry } = await import('prom-client')
  const isOpen = format === 'openMetrics'
  const registry = new Registry<RegistryContentType>()
  registry.setContentType(isOpen ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE)
  for (const family of snapshot) register(registry, isOpen ? withBaseName(family) : family)
  return { contentType: registry.contentType, text: await registry.metrics() }
}

/** OpenMetrics names a counter without `_total`; its samples get that back from prom-client. */
function withBaseName(family: MetricFamily): MetricFamily {
  return family.type === 'counter' ? { ...family, name: family.name.replace(/_total$/, '') } : family
}

/** All that the registry asks of a metric is its name, its type and its values. */
function register(registry: Registry<RegistryContentType>, family: MetricFamily): void {
  registry.registerMetric({ ...family, get: async () => family } as unknown as Metric)
}

import { type MetricDescription, type MetricName, metricsCatalogue, metricsPrefix } from './metrics-catalogue.ts'

/** A trace that stands for a sample (OpenMetrics: exemplar). */
export interface Exemplar {
  readonly labelSet: { readonly trace_id: string }
  readonly value: number
  /** Seconds since the epoch. */
  readonly timestamp: number
}

export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  /** Of the parts of a histogram. Default: the name of the family. */
  readonly metricName?: string
  readonly exemplar?: Exemplar | undefined
}

/** One metric, with all its samples. Plain data in the form of prom-client's JSON: it travels between processes. */
export interface MetricFamily {
  readonly name: string
  readonly help: string
  readonly type: MetricDescription['type']
  /** How those of several processes become one. */
  readonly aggregator: 'sum' | 'first' | 'min' | 'max' | 'average' | 'omit'
  readonly values: readonly Sample[]
}

/** The metrics of one process at one moment. */
export type MetricsSnapshot = readonly MetricFamily[]

export function familyOf(name: MetricName, values: readonly Sample[]): MetricFamily {
  const { type, help, aggregator = 'sum' }: MetricDescription = metricsCatalogue[name]
  return { name: metricsPrefix + name, help, type, aggregator, values }
}

/** A metric without labels. */
export function singleOf(name: MetricName, value: number): MetricFamily {
  return familyOf(name, [{ labels: {}, value }])
}

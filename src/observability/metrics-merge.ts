import type { MetricFamily, MetricsSnapshot, Sample } from './metrics-snapshot.ts'

type Merge = (values: readonly number[]) => number

/** How the values of several processes become one. `omit`: those of the first process stand for all. */
const merges: Readonly<Record<MetricFamily['aggregator'], Merge>> = {
  sum,
  average: values => sum(values) / values.length,
  min: values => Math.min(...values),
  max: values => Math.max(...values),
  first: ([value = 0]) => value,
  omit: ([value = 0]) => value,
}

/**
 * The metrics of several processes as one: each metric says how. Of the exemplars of a bucket the newest stays.
 *
 * @param snapshots the process that speaks for all where a metric is of one process only, such as its start, comes first
 */
export function mergeMetrics(snapshots: readonly MetricsSnapshot[]): MetricsSnapshot {
  const byName = groupBy(snapshots.flat(), ({ name }) => name)
  return [...byName.values()].map(mergeFamilies)
}

function mergeFamilies(families: readonly MetricFamily[]): MetricFamily {
  const [first] = families as readonly [MetricFamily]
  const merge = merges[first.aggregator]
  const bySample = groupBy(
    families.flatMap(({ values }) => values),
    ({ metricName, labels }) => JSON.stringify([metricName, Object.entries(labels).sort(byLabel)]),
  )
  return { ...first, values: [...bySample.values()].map(samples => mergeSamples(samples, merge)) }
}

function mergeSamples(samples: readonly Sample[], merge: Merge): Sample {
  const [first] = samples as readonly [Sample]
  const exemplars = samples.flatMap(({ exemplar }) => exemplar ?? [])
  const [exemplar] = exemplars.sort((one, other) => other.timestamp - one.timestamp)
  // What is not a number here came as null over the pipe, and is none there either.
  return { ...first, value: merge(samples.map(({ value }) => value ?? 0)), ...(exemplar && { exemplar }) }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function byLabel([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}

import { type MetricName, metricsPrefix } from './metrics-catalogue.ts'
import type { Exemplar, Sample } from './metrics-snapshot.ts'

/**
 * Upper bounds in seconds: from what the gateway itself takes to what a slow payment takes. A last bucket takes what lies
 * beyond.
 */
const bounds: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const allBounds: readonly number[] = [...bounds, Number.POSITIVE_INFINITY]

/** A histogram of durations: a few additions per request. Its form for the outside is made when somebody asks. */
export class Durations {
  readonly #counts: number[] = allBounds.map(() => 0)
  /** The last request of each bucket with a trace: its trace, how long it took, and when, in seconds. */
  readonly #traceIds: (string | undefined)[] = allBounds.map(() => undefined)
  readonly #values = new Float64Array(allBounds.length)
  readonly #times = new Float64Array(allBounds.length)
  readonly #now: () => number
  #sum = 0

  /** @param now milliseconds since the epoch, for the exemplars */
  constructor(now: () => number) {
    this.#now = now
  }

  /** @param traceId becomes the exemplar of its bucket, in place of the one before. Default: none */
  observe(seconds: number, traceId?: string): void {
    let index = 0
    while (seconds > (allBounds[index] as number)) index++
    this.#counts[index] = (this.#counts[index] as number) + 1
    this.#sum += seconds
    if (traceId === undefined) return
    this.#traceIds[index] = traceId
    this.#values[index] = seconds
    this.#times[index] = this.#now() / 1000
  }

  samples(name: MetricName, labels: Sample['labels'] = {}): readonly Sample[] {
    const full = metricsPrefix + name
    let count = 0
    const buckets = this.#counts.map((own, index) => {
      count += own
      const le = bounds[index] ?? '+Inf'
      return {
        metricName: `${full}_bucket`,
        labels: { ...labels, le },
        value: count,
        exemplar: this.#exemplarOf(index),
      }
    })
    const sum = { metricName: `${full}_sum`, labels, value: this.#sum }
    return [...buckets, sum, { metricName: `${full}_count`, labels, value: count }]
  }

  #exemplarOf(index: number): Exemplar | undefined {
    const traceId = this.#traceIds[index]
    if (traceId === undefined) return undefined
    return {
      labelSet: { trace_id: traceId },
      value: this.#values[index] as number,
      timestamp: this.#times[index] as number,
    }
  }
}

import type { Registry } from 'prom-client'
import type { MetricsSnapshot } from './metrics-snapshot.ts'

/** Gauges that are named like counters: `promtool check metrics` refuses them. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

let registry: Promise<Registry> | undefined

/**
 * Processor, memory, file descriptors, event loop and garbage collection of this process. They are watched from the first
 * scrape on, once for the process however many gateways it holds: what watches them cannot be stopped, and to load it
 * takes a third of the time in which a gateway starts.
 */
export async function processMetrics(): Promise<MetricsSnapshot> {
  registry ??= watchProcess()
  return (await (await registry).getMetricsAsJSON()) as unknown as MetricsSnapshot
}

async function watchProcess(): Promise<Registry> {
  const { collectDefaultMetrics, Registry } = await import('prom-client')
  const own = new Registry()
  collectDefaultMetrics({ register: own })
  for (const name of misnamed) own.removeSingleMetric(name)
  return own
}

import type { MetricsSnapshot } from '../observability/metrics-snapshot.ts'
import { type MetricsFormat, writeMetrics } from '../observability/metrics-text.ts'
import type { AdminRoute } from './admin-call.ts'

/** `GET /metrics`: Prometheus' text format, or OpenMetrics with exemplars where the scraper prefers that. */
export function metricsRoutes(collect: () => Promise<MetricsSnapshot>): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/metrics',
      isProtected: false,
      async answer({ request }) {
        const text = await writeMetrics(await collect(), formatFor(request.headers.accept))
        return { status: 200, text }
      },
    },
  ]
}

/** @param accept the field (RFC 9110 §12.5.1); scrapers list what they can read, the best with the highest weight */
function formatFor(accept = ''): MetricsFormat {
  let openMetrics = 0
  let text = 0
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map(part => part.trim())
    const weight = weightIn(parameters)
    if (type === 'application/openmetrics-text') openMetrics = Math.max(openMetrics, weight)
    else if (type === 'text/plain') text = Math.max(text, weight)
  }
  return openMetrics > 0 && openMetrics >= text ? 'openMetrics' : 'text'
}

function weightIn(parameters: readonly string[]): number {
  const weight = parameters.find(parameter => parameter.startsWith('q='))
  return weight === undefined ? 1 : Number(weight.slice(2)) || 0
}

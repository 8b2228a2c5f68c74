import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { packageVersion } from '../config/package-files.ts'
import { createTracing, type Tracing } from '../observability/tracing.ts'

/** What sends spans to the collector that is configured; null: there is none. @throws GatewayError ERR_FORAGE_CONFIG */
export async function openTracing(config: Config, logger: Logger): Promise<Tracing | null> {
  const { tracing, environment, listen, upstream } = config
  if (tracing === null) return null
  return createTracing({
    ...tracing,
    version: packageVersion(),
    environment,
    scheme: listen.tls ? 'https' : 'http',
    upstream: upstream.api,
    onFault: fault => logger.warn({ event: 'spans_lost', ...fault }, 'the collector of traces did not take spans'),
  })
}

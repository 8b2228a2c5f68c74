import type { Environment } from '../forage/environments.ts'
import type { Sampling } from '../gate/trace-context.ts'
import type { Observe } from './request-story.ts'
import { upstreamFactsOf } from './span-attributes.ts'
import { createSpanExport, type SpanExportOptions } from './span-export.ts'
import { loadOpenTelemetry, type OpenTelemetry } from './span-packages.ts'
import { type SpanSurroundings, spansOf } from './span-record.ts'
import { createSampling, type SamplingOptions } from './span-sampling.ts'

type Adjustable = Omit<SpanExportOptions, 'otlpEndpoint' | 'ca' | 'onFault'> &
  SamplingOptions & { readonly serviceName: string }

export interface TracingOptions extends Partial<Adjustable> {
  /**
   * Where spans are sent: the base URL of a receiver of OTLP over HTTP, such as `http://127.0.0.1:4318`. `/v1/traces` is
   * added where it does not end so.
   */
  readonly otlpEndpoint: string
  /** Authorities that are trusted in place of the public ones, PEM. Default: the public ones. */
  readonly ca?: string
  /** Of the gateway. */
  readonly version: string
  readonly environment: Environment
  /** By which clients reach the listener. */
  readonly scheme: 'http' | 'https'
  /** Origin of the Payments API. */
  readonly upstream: string
  /** Told of spans that the collector did not get: at once, and then at most once a minute. */
  readonly onFault: SpanExportOptions['onFault']
  /** Default: imports the packages. */
  readonly load?: () => Promise<OpenTelemetry>
  /** Milliseconds since the epoch. Default: the system clock. */
  readonly now?: () => number
}

/** Spans of requests. */
export interface Tracing {
  /** For the gate: which requests get spans. */
  readonly sampling: Sampling
  /** Makes the spans of a request that the gate has sampled. */
  readonly observe: Observe
  /** Spans that the collector did not get. */
  dropped(): number
  /** Sends what is left, for at most `closeTimeoutMs`. */
  close(): Promise<void>
}

/** What is left out. */
const defaults: Adjustable = {
  serviceName: 'forage-gateway',
  headers: {},
  sampleRatio: 1,
  trustClientSampling: true,
  maxWaitingSpans: 2048,
  delayMs: 2000,
  exportTimeoutMs: 10_000,
  closeTimeoutMs: 2000,
}

/**
 * Makes what sends spans to a collector. Nothing is registered with OpenTelemetry's global API, and nothing is
 * instrumented: a span is made of what the gateway tells of a request at its end.
 *
 * @throws GatewayError ERR_FORAGE_CONFIG when OpenTelemetry is not installed
 */
export async function createTracing(given: TracingOptions): Promise<Tracing> {
  const options = { ...defaults, ...given }
  const { now = Date.now, version, scheme, upstream } = options
  const otel = await loadOpenTelemetry(options.load)
  const surroundings: SpanSurroundings = {
    resource: resourceOf(options, otel),
    scope: { name: 'forage-gateway', version },
    server: { 'url.scheme': scheme },
    upstream: upstreamFactsOf(upstream),
    clockOffsetMs: () => now() - performance.now(),
  }
  const { add, dropped, close } = createSpanExport(options, otel)
  return {
    sampling: createSampling(options),
    observe(story) {
      const spans = story.decision?.spans
      if (spans !== undefined) add(spansOf(story, spans, surroundings))
    },
    dropped,
    close,
  }
}

/** Who the spans are of. */
function resourceOf(
  { serviceName, version, environment }: Pick<TracingOptions & Adjustable, 'serviceName' | 'version' | 'environment'>,
  { defaultResource, resourceFromAttributes }: OpenTelemetry,
) {
  return defaultResource().merge(
    resourceFromAttributes({
      'service.name': serviceName,
      'service.version': version,
      'deployment.environment.name': environment,
    }),
  )
}

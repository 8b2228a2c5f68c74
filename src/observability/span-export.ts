import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base'
import { createSpanLosses, lossCodeOf, type SpanLoss, type SpanLosses } from './span-losses.ts'
import type { OpenTelemetry } from './span-packages.ts'

export interface SpanExportOptions {
  /** Base URL of a receiver of OTLP over HTTP. */
  readonly otlpEndpoint: string
  /** Fields of every export, such as an API key: name to value. */
  readonly headers: Readonly<Record<string, string>>
  /** Authorities that are trusted in place of the public ones, PEM. */
  readonly ca?: string
  /** Most spans that wait to be sent. */
  readonly maxWaitingSpans: number
  /** How long spans wait for others to be sent with, in milliseconds. */
  readonly delayMs: number
  /** How long an export may take, repetitions included, in milliseconds. */
  readonly exportTimeoutMs: number
  /** How long `close` may take, in milliseconds. */
  readonly closeTimeoutMs: number
  readonly onFault: (loss: SpanLoss) => void
}

/** Where spans go. */
export interface SpanExport {
  /** Takes the spans of a request, all or none of them. Never waits, never throws. */
  add(spans: readonly ReadableSpan[]): void
  /** Spans that the collector did not get. */
  dropped(): number
  /** Sends what is left, as far as there is time for it. */
  close(): Promise<void>
}

/** Most spans in one export: the event loop stands still while they are written, for some 10 microseconds each. */
const maxBatch = 256
/** One export at a time needs one; what is left at the end goes over all. */
const maxConnections = 4

/**
 * Sends spans in batches, by the SDK's processor and exporter. Everything is given outright, so that of the
 * `OTEL_…` variables only two count: `OTEL_EXPORTER_OTLP_HEADERS` adds fields, `OTEL_EXPORTER_OTLP_COMPRESSION` compresses.
 */
export function createSpanExport(options: SpanExportOptions, otel: OpenTelemetry): SpanExport {
  const { maxWaitingSpans, exportTimeoutMs, closeTimeoutMs } = options
  const losses = createSpanLosses(options.onFault)
  const connection = connectionTo(options)
  const exporter = countingExporter(createExporter(options, connection, otel), losses)
  const processor = new otel.BatchSpanProcessor(exporter, {
    maxQueueSize: maxWaitingSpans,
    maxExportBatchSize: Math.min(maxBatch, maxWaitingSpans),
    scheduledDelayMillis: options.delayMs,
    // The exporter ends first, and says why.
    exportTimeoutMillis: exportTimeoutMs * 2,
  })

  return {
    add(spans) {
      if (exporter.waiting + spans.length > maxWaitingSpans) losses.add(spans.length, 'queue_full')
      else {
        exporter.waiting += spans.length
        for (const span of spans) processor.onEnd(span)
      }
    },
    dropped: losses.total,
    async close() {
      // What fails is counted where it fails.
      await endWithin(closeTimeoutMs, processor.shutdown()).catch(() => {})
      connection.end()
    },
  }
}

/** The URL for traces below a base URL (OTLP specification, "Endpoint URLs for OTLP/HTTP"), or that URL itself. */
export function tracesUrl(otlpEndpoint: string): string {
  const url = new URL(otlpEndpoint)
  if (!url.pathname.endsWith('/v1/traces')) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`
  return url.href
}

type Connection = ReturnType<typeof connectionTo>

/** The way to the collector, which has nothing in common with the one to Forage. */
function connectionTo({ otlpEndpoint, headers, ca }: SpanExportOptions) {
  const url = tracesUrl(otlpEndpoint)
  const common = { keepAlive: true, maxSockets: maxConnections }
  const tls = { rejectUnauthorized: true, minVersion: 'TLSv1.2' as const, ...(ca !== undefined && { ca }) }
  const agent = url.startsWith('https:') ? new HttpsAgent({ ...common, ...tls }) : new HttpAgent(common)
  let hasEnded = false
  return {
    url,
    agent,
    /** Asked for before each attempt, which makes it the place to end a series of them. */
    async headers() {
      if (hasEnded) throw new Error('the gateway has stopped')
      return { ...headers }
    },
    end() {
      hasEnded = true
      agent.destroy()
    },
  }
}

function createExporter(
  { exportTimeoutMs, maxWaitingSpans }: SpanExportOptions,
  { url, agent, headers }: Connection,
  { OTLPTraceExporter }: OpenTelemetry,
): SpanExporter {
  return new OTLPTraceExporter({
    url,
    headers,
    timeoutMillis: exportTimeoutMs,
    // All that waits goes out at once at the end, and perhaps a batch before it.
    concurrencyLimit: Math.ceil(maxWaitingSpans / maxBatch) + 1,
    httpAgentOptions: () => agent,
  })
}

/** Keeps count of what waits in the processor, which does not tell, and of what is lost. */
function countingExporter(exporter: SpanExporter, losses: SpanLosses): SpanExporter & { waiting: number } {
  const counting: SpanExporter & { waiting: number } = {
    waiting: 0,
    export(spans, done) {
      counting.waiting -= spans.length
      exporter.export(spans, result => {
        if (result.code !== 0) losses.add(spans.length, lossCodeOf(result.error))
        done(result)
      })
    },
    shutdown: () => exporter.shutdown(),
  }
  return counting
}

async function endWithin(timeoutMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<void>(resolve => {
    timer = setTimeout(resolve, timeoutMs)
  })
  await Promise.race([work, timeout]).finally(() => clearTimeout(timer))
}

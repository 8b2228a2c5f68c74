import type { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import type { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import type { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { GatewayError } from '../gateway-error.ts'

/** What is used of OpenTelemetry. */
export interface OpenTelemetry {
  readonly OTLPTraceExporter: typeof OTLPTraceExporter
  readonly BatchSpanProcessor: typeof BatchSpanProcessor
  readonly defaultResource: typeof defaultResource
  readonly resourceFromAttributes: typeof resourceFromAttributes
}

/**
 * Version 1.10 of the API is one that the SDK refuses, and npm takes the newest unless told otherwise. The test of this
 * file holds these against package.json.
 */
export const packagesToInstall: readonly string[] = [
  '@opentelemetry/api@~1.9.1',
  '@opentelemetry/resources@^2.12.1',
  '@opentelemetry/sdk-trace-base@^2.12.1',
  '@opentelemetry/exporter-trace-otlp-proto@^0.223.1',
]

/** Loads the packages, which cost nothing until then and need not be installed where tracing is off. */
export async function importOpenTelemetry(): Promise<OpenTelemetry> {
  const [{ OTLPTraceExporter }, { BatchSpanProcessor }, { defaultResource, resourceFromAttributes }] =
    await Promise.all([
      import('@opentelemetry/exporter-trace-otlp-proto'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/resources'),
    ])
  return { OTLPTraceExporter, BatchSpanProcessor, defaultResource, resourceFromAttributes }
}

/** @throws GatewayError ERR_FORAGE_CONFIG with the command that installs what is missing */
export async function loadOpenTelemetry(
  load: () => Promise<OpenTelemetry> = importOpenTelemetry,
): Promise<OpenTelemetry> {
  try {
    return await load()
  } catch (cause) {
    const command = `npm install ${packagesToInstall.join(' ')}`
    const message = `tracing.otlpEndpoint: needs OpenTelemetry, which could not be loaded. Install it: ${command}`
    throw new GatewayError('ERR_FORAGE_CONFIG', message, { cause })
  }
}

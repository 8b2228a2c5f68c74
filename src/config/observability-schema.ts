import { z } from 'zod'
import { type LogFormat, logFormats, logLevels } from './config.ts'
import { words } from './schema-values.ts'
import { type SecretSource, secret } from './secret-schema.ts'

/** The log, as it is written. */
export interface LogDocument {
  readonly level: (typeof logLevels)[number]
  readonly destination: string
  readonly format: LogFormat
  readonly gcpProject: string | null
  readonly sampleSuccesses: number
  readonly fingerprintKey: SecretSource | null
}

const destination = words(/^[^\0]+$/, 'must be stdout, stderr or the path of a file')

export const logSchema: z.ZodType<LogDocument> = z
  .strictObject({
    level: z.enum(logLevels).default('info').describe('Least severe level that is written.'),
    destination: destination.default('stdout').describe('stdout, stderr, or the path of a file.'),
    format: z
      .enum(logFormats)
      .default('plain')
      .describe('Names of the fields: ours, or those of the Elastic Common Schema, Google Cloud or Datadog.'),
    gcpProject: words(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, 'must be the id of a Google Cloud project')
      .nullable()
      .default(null)
      .describe('With format gcp: the project whose traces the lines belong to. Null: the bare trace id.'),
    sampleSuccesses: share('Share of the requests that were forwarded and answered below 400 that are logged, 0 to 1.'),
    fingerprintKey: secret('Key of the fingerprints of sessions, customers and merchants; the same for all replicas.')
      .nullable()
      .default(null),
  })
  .prefault({})
  .describe('The log: one JSON line per request.')

/** The audit trail, as it is written. */
export interface AuditDocument {
  readonly destination: string
  readonly key: SecretSource | null
}

export const auditSchema: z.ZodType<AuditDocument | null> = z
  .strictObject({
    destination: destination.describe('stdout, stderr, or the path of a file.'),
    key: secret('Key of the chain: who writes to the file without it cannot make a chain that holds.')
      .nullable()
      .default(null),
  })
  .nullable()
  .default(null)
  .describe('Refusals and changes of state as a chain of lines that shows what was changed later. Null: none.')

/** Tracing, as it is written. */
export interface TracingDocument {
  readonly otlpEndpoint: string | null
  readonly headers: Readonly<Record<string, SecretSource>>
  readonly sampleRatio: number
  readonly trustClientSampling: boolean
  readonly serviceName: string
}

const endpointError = 'must be an http:// or https:// URL without user name, query or fragment'
const fieldNameError = 'must be names of header fields in lower case'

export const tracingSchema: z.ZodType<TracingDocument> = z
  .strictObject({
    otlpEndpoint: words(/^https?:\/\/[^\s@?#]+$/, endpointError)
      .refine(text => URL.canParse(text), { error: endpointError })
      .nullable()
      .default(null)
      .describe('Where traces are sent (OTLP over HTTP). Null: nowhere.'),
    headers: z
      .record(words(/^[a-z0-9-]{1,64}$/, fieldNameError), secret('Value of the field.'), { error: fieldNameError })
      .default({})
      .describe('Fields that the receiver of traces wants, such as an API key.'),
    sampleRatio: share('Share of the traces begun here that are sent, 0 to 1.'),
    trustClientSampling: z
      .boolean({ error: 'must be true or false' })
      .default(true)
      .describe('Whether a trace that the client began is sent exactly if the client sends its own.'),
    serviceName: words(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, ".", "_" and "-"')
      .default('forage-gateway')
      .describe('service.name of the spans.'),
  })
  .prefault({})
  .describe('Distributed tracing.')

function share(description: string): z.ZodDefault<z.ZodNumber> {
  const error = 'must be a number from 0 to 1'
  return z.number({ error }).min(0, { error }).max(1, { error }).default(1).describe(description)
}

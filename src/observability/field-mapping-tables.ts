import type { FieldMapping } from './field-mapping.ts'

/** Whose names the members of a line have. */
export type LogFormat = 'plain' | 'ecs' | 'gcp' | 'datadog'

const plain: FieldMapping = { time: 'time', level: 'level', message: 'msg', levels: {}, constants: null, fields: null }

/**
 * Flat, with dots in the names: so the libraries of Elastic write it, and Elasticsearch reads it as nested. What has no
 * name there is a label, since a name of our own might come to mean something else in it.
 *
 * @see {@link https://www.elastic.co/docs/reference/ecs/ecs-field-reference | ECS fields}
 */
const ecs: FieldMapping = {
  time: '@timestamp',
  level: 'log.level',
  message: 'message',
  levels: {},
  constants: {
    'ecs.version': '8.11.0',
    'service.name': 'forage-gateway',
    'event.dataset': 'forage-gateway.log',
  },
  fields: {
    known: {
      request_id: [{ name: 'http.request.id' }],
      trace_id: [{ name: 'trace.id' }],
      span_id: [{ name: 'span.id' }],
      'dd.trace_id': [],
      method: [{ name: 'http.request.method' }],
      status: [{ name: 'http.response.status_code' }, { name: 'event.outcome', as: 'outcome' }],
      reason: [{ name: 'event.reason' }],
      client_address: [{ name: 'client.address' }, { name: 'client.ip', as: 'address' }],
      duration_ms: [{ name: 'event.duration', as: 'nanoseconds' }],
      bytes_in: [{ name: 'http.request.body.bytes' }],
      bytes_out: [{ name: 'http.response.body.bytes' }],
      event: [{ name: 'event.action' }],
      error_code: [{ name: 'error.code' }],
      error_name: [{ name: 'error.type' }],
      frames: [{ name: 'error.stack_trace', as: 'lines' }],
    },
    others: 'labels.',
  },
}

/**
 * `httpRequest` is an object, since Cloud Logging takes it out of the line as one; 64-bit numbers in it are texts. Its
 * sizes are those of the bodies: what the fields before them took is not counted.
 *
 * @see {@link https://cloud.google.com/logging/docs/structured-logging | Structured logging}
 */
const gcp: FieldMapping = {
  time: 'time',
  level: 'severity',
  message: 'message',
  levels: { trace: 'DEBUG', debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR', fatal: 'CRITICAL' },
  constants: null,
  fields: {
    known: {
      trace_id: [{ name: 'logging.googleapis.com/trace', as: 'trace_resource' }],
      span_id: [{ name: 'logging.googleapis.com/spanId' }],
      'dd.trace_id': [],
      method: [{ within: 'httpRequest', name: 'requestMethod' }],
      status: [{ within: 'httpRequest', name: 'status' }],
      client_address: [{ within: 'httpRequest', name: 'remoteIp' }],
      duration_ms: [{ within: 'httpRequest', name: 'latency', as: 'seconds' }],
      bytes_in: [{ within: 'httpRequest', name: 'requestSize', as: 'text' }],
      bytes_out: [{ within: 'httpRequest', name: 'responseSize', as: 'text' }],
    },
    others: '',
  },
}

/**
 * `status` is the level of a line there, and `trace_id` would be taken for one of Datadog's own.
 *
 * @see {@link https://docs.datadoghq.com/standard-attributes/ | Standard attributes}
 */
const datadog: FieldMapping = {
  time: 'timestamp',
  level: 'status',
  message: 'message',
  levels: { fatal: 'critical' },
  constants: { service: 'forage-gateway' },
  fields: {
    known: {
      request_id: [{ name: 'http.request_id' }],
      trace_id: [{ name: 'otel.trace_id' }],
      span_id: [{ name: 'dd.span_id', as: 'datadog_id' }],
      method: [{ name: 'http.method' }],
      route: [{ name: 'http.route' }],
      status: [{ name: 'http.status_code' }],
      client_address: [{ name: 'network.client.ip' }],
      duration_ms: [{ name: 'duration', as: 'nanoseconds' }],
      bytes_in: [{ name: 'network.bytes_read' }],
      bytes_out: [{ name: 'network.bytes_written' }],
      event: [{ name: 'evt.name' }],
      error_name: [{ name: 'error.kind' }],
      frames: [{ name: 'error.stack', as: 'lines' }],
    },
    others: '',
  },
}

/** One table per format. */
export const fieldMappings: Readonly<Record<LogFormat, FieldMapping>> = { plain, ecs, gcp, datadog }

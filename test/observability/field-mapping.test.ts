import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { logFormats } from '../../src/config/config.ts'
import { createAccessLog } from '../../src/observability/access-log.ts'
import { logFault } from '../../src/observability/fault-log.ts'
import { createFieldMapper, type MappedFields } from '../../src/observability/field-mapping.ts'
import { fieldMappings, type LogFormat } from '../../src/observability/field-mapping-tables.ts'
import { openLogger } from '../../src/observability/logger.ts'
import { aStory } from '../fixtures/story.ts'

/** What is written in a format: the line of a request, of a fault and of an event. */
async function written(
  folder: string,
  format: LogFormat,
  gcpProject?: string,
): Promise<readonly Record<string, unknown>[]> {
  const destination = join(folder, `${format}.log`)
  const { logger, drain } = openLogger({ level: 'trace', destination, format, ...(gcpProject && { gcpProject }) })
  const story = aStory({ bytesIn: 7, status: 502, reason: 'upstream_reset', errorCode: 'ECONNRESET' })
  createAccessLog({ logger, environment: 'sandbox', hashKey: Buffer.alloc(32) })(story)
  logFault(logger, Object.assign(new TypeError('a'), { stack: 'TypeError: a\n    at b (/c.js:1:2)\n    at /d.js:3:4' }))
  logger.info({ event: 'state_connected', nothing: undefined, replicas: 2 }, 'the state is there')
  logger.fatal('no fields')
  await drain()
  return readFileSync(destination, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))
}

/** Parts of a line whose values differ from run to run. */
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

t.test('there is a table for each format that can be configured', async t => {
  t.same(Object.keys(fieldMappings).sort(), [...logFormats].sort())
})

t.test('plain: our own names, the Datadog id among them', async t => {
  const [request, fault] = await written(t.testdir(), 'plain')
  t.match(request, {
    level: 'warn',
    time,
    msg: 'request',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    'dd.trace_id': '9532127138774266268',
    status: 502,
    duration_ms: 12,
  })
  t.match(fault, { level: 'error', msg: 'internal fault', error_name: 'TypeError' })
})

t.test('ecs: names of the Elastic Common Schema, flat, and labels for what it does not know', async t => {
  const [request, fault, event, bare] = await written(t.testdir(), 'ecs')
  const { '@timestamp': at, 'labels.session': session, ...rest } = request ?? {}
  t.match(at, time)
  t.type(session, 'string')
  t.same(rest, {
    'log.level': 'warn',
    'ecs.version': '8.11.0',
    'service.name': 'forage-gateway',
    'event.dataset': 'forage-gateway.log',
    message: 'request',
    'http.request.id': 'r1',
    'trace.id': '0af7651916cd43dd8448eb211c80319c',
    'http.request.method': 'GET',
    'http.response.status_code': 502,
    'event.outcome': 'failure',
    'event.reason': 'upstream_reset',
    'client.address': '192.0.2.1',
    'client.ip': '192.0.2.1',
    'event.duration': 12_000_000,
    'http.request.body.bytes': 7,
    'http.response.body.bytes': 11,
    'error.code': 'ECONNRESET',
    'labels.route': '/api/orders/{ref}/',
    'labels.decision': 'allow',
    'labels.scope': 'orders',
    'labels.environment': 'sandbox',
    'labels.policy': 'abcdef0123456789',
    'labels.config_generation': 3,
    'labels.upstream_ms': 8,
  })
  t.match(fault, { 'error.type': 'TypeError', 'error.stack_trace': 'at b (/c.js:1:2)\nat /d.js:3:4' })
  t.match(event, { 'log.level': 'info', 'event.action': 'state_connected', 'labels.replicas': 2 })
  t.notOk('labels.nothing' in (event ?? {}))
  t.match(bare, { 'log.level': 'fatal', message: 'no fields' })
})

t.test('ecs: a success is one, a span has its name, and what is no address is not said to be one', async t => {
  const map = createFieldMapper(fieldMappings.ecs.fields as MappedFields)
  t.same(map({ status: 399, client_address: '', span_id: '00f067aa0ba902b7' }), {
    'http.response.status_code': 399,
    'event.outcome': 'success',
    'client.address': '',
    'client.ip': undefined,
    'span.id': '00f067aa0ba902b7',
  })
  t.match(map({ status: 400 }), { 'event.outcome': 'failure' })
  t.match(map({ status: 200, reason: 'upstream_reset' }), { 'event.outcome': 'failure' })
})

t.test('datadog: a span has its decimal number', async t => {
  const map = createFieldMapper(fieldMappings.datadog.fields as MappedFields)
  t.same(map({ span_id: '00f067aa0ba902b7' }), { 'dd.span_id': '67667974448284343' })
})

t.test('gcp: what Cloud Logging takes out of a line, and our own names', async t => {
  const [request, fault, event, bare] = await written(t.testdir(), 'gcp', 'a-project')
  const { time: at, session, ...rest } = request ?? {}
  t.match(at, time)
  t.type(session, 'string')
  t.same(rest, {
    severity: 'WARNING',
    message: 'request',
    'logging.googleapis.com/trace': 'projects/a-project/traces/0af7651916cd43dd8448eb211c80319c',
    httpRequest: {
      requestMethod: 'GET',
      status: 502,
      remoteIp: '192.0.2.1',
      latency: '0.012000s',
      requestSize: '7',
      responseSize: '11',
    },
    request_id: 'r1',
    route: '/api/orders/{ref}/',
    decision: 'allow',
    reason: 'upstream_reset',
    scope: 'orders',
    environment: 'sandbox',
    policy: 'abcdef0123456789',
    config_generation: 3,
    upstream_ms: 8,
    error_code: 'ECONNRESET',
  })
  t.match(fault, { severity: 'ERROR', error_name: 'TypeError' })
  t.match(event, { severity: 'INFO', event: 'state_connected' })
  t.match(bare, { severity: 'CRITICAL' })
})

t.test('gcp without a project names the trace alone', async t => {
  const [request] = await written(t.testdir(), 'gcp')
  t.equal(request?.['logging.googleapis.com/trace'], '0af7651916cd43dd8448eb211c80319c')
})

t.test('datadog: its standard attributes, and our own names', async t => {
  const [request, fault, event, bare] = await written(t.testdir(), 'datadog')
  const { timestamp, session, ...rest } = request ?? {}
  t.match(timestamp, time)
  t.type(session, 'string')
  t.same(rest, {
    status: 'warn',
    service: 'forage-gateway',
    message: 'request',
    'http.request_id': 'r1',
    'otel.trace_id': '0af7651916cd43dd8448eb211c80319c',
    'dd.trace_id': '9532127138774266268',
    'http.method': 'GET',
    'http.route': '/api/orders/{ref}/',
    'http.status_code': 502,
    decision: 'allow',
    reason: 'upstream_reset',
    scope: 'orders',
    environment: 'sandbox',
    policy: 'abcdef0123456789',
    config_generation: 3,
    'network.client.ip': '192.0.2.1',
    duration: 12_000_000,
    upstream_ms: 8,
    'network.bytes_read': 7,
    'network.bytes_written': 11,
    error_code: 'ECONNRESET',
  })
  t.match(fault, { status: 'error', 'error.kind': 'TypeError', 'error.stack': 'at b (/c.js:1:2)\nat /d.js:3:4' })
  t.match(event, { status: 'info', 'evt.name': 'state_connected', replicas: 2 })
  t.match(bare, { status: 'critical' })
})

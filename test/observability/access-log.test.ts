import pino from 'pino'
import t, { type Test } from 'tap'
import type { Decision, Denied } from '../../src/gate/decision.ts'
import { RequestFacts } from '../../src/gate/request-facts.ts'
import { type AccessLogOptions, createAccessLog } from '../../src/observability/access-log.ts'
import type { RequestStory } from '../../src/observability/request-story.ts'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aLiveToken, aPost, aRequest } from '../fixtures/live-token.ts'
import { type LogFile, logFileIn } from '../fixtures/log-file.ts'
import { exchangeRaw, openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { answering, startScriptedUpstream } from '../fixtures/scripted-upstream.ts'
import { issue, letIn, preflight, refusedAs } from '../fixtures/story.ts'

const story: RequestStory = {
  requestId: 'r1',
  method: 'GET',
  clientAddress: '192.0.2.1',
  decision: undefined,
  reason: undefined,
  status: 200,
  durationMs: 1.23456,
  upstreamMs: undefined,
  bytesIn: 0,
  bytesOut: 0,
  errorCode: '',
}

function told(
  overrides: Partial<RequestStory>,
  level = 'info',
  options: Partial<AccessLogOptions> = {},
): Record<string, unknown> | undefined {
  let line: string | undefined
  const logger = pino(
    { level, base: null, formatters: { level: label => ({ level: label }) } },
    {
      write(text) {
        line = text
      },
    },
  )
  createAccessLog({ logger, environment: 'sandbox', hashKey: Buffer.alloc(32), ...options })({ ...story, ...overrides })
  return line === undefined ? undefined : JSON.parse(line)
}

function withFacts(facts: Partial<RequestFacts>): Decision {
  const all = Object.assign(new RequestFacts(), facts)
  return { ...preflight, facts: all }
}

for (const [reason, level] of [
  [undefined, 'info'],
  ['route_not_allowed', 'info'],
  ['token_expired', 'info'],
  ['authentication_token', 'warn'],
  ['overloaded', 'info'],
  ['upstream_timeout', 'warn'],
  ['upstream_reset', 'warn'],
  ['internal_fault', 'error'],
] as const) {
  t.test(`a request that ended with ${reason ?? 'nothing special'} is logged at ${level}`, async t => {
    t.match(told({ reason }), { level, reason })
  })
}

t.test('below the level of the log nothing is written', async t => {
  t.equal(told({}, 'warn'), undefined)
  t.match(told({ reason: 'upstream_reset' }, 'warn'), { reason: 'upstream_reset' })
})

t.test('times are rounded to microseconds, and the one of the upstream is left out when there was none', async t => {
  t.equal(told({})?.duration_ms, 1.235)
  t.notOk('upstream_ms' in (told({}) ?? {}))
  t.equal(told({ upstreamMs: 0.00049 })?.upstream_ms, 0)
})

for (const [version, expected] of [
  ['4.5.1', '4.5.1'],
  ['4.5', '4.5'],
  ['12.0.3-beta2', '12.0.3-beta2'],
  ['4', undefined],
  ['4111.1111.1111', undefined],
  ['4111111111111111', undefined],
  ['4.5.1-4111111111111111', undefined],
  ['4.5.1 4111', undefined],
  ['', undefined],
] as const) {
  t.test(`the SDK version "${version}" is logged as ${expected}`, async t => {
    t.equal(told({ decision: withFacts({ sdkVersion: version }) })?.sdk_version, expected)
  })
}

t.test('a merchant account is logged as a digest: the same for the same value, and not the value', async t => {
  const [one, again, other] = ['1234567', '1234567', '7654321'].map(
    merchantAccount => told({ decision: withFacts({ merchantAccount }) })?.merchant_account,
  )
  t.equal(one, again)
  t.not(one, other)
  t.match(one, /^[A-Za-z0-9_-]{16}$/)
})

t.test('digests are right also for more merchants than are remembered', async t => {
  const lines: string[] = []
  const logger = pino({ base: null }, { write: text => void lines.push(text) })
  const observe = createAccessLog({ logger, environment: 'sandbox', hashKey: Buffer.alloc(32) })
  for (let count = 0; count < 1100; count++)
    observe({ ...story, decision: withFacts({ merchantAccount: String(count) }) })
  observe({ ...story, decision: withFacts({ merchantAccount: '1050' }) })
  observe({ ...story, decision: withFacts({ merchantAccount: '1050' }) })
  const digests = lines.map(line => JSON.parse(line).merchant_account)
  t.equal(new Set(digests).size, 1100)
  t.equal(digests[1100], digests[1050])
})

for (const [traceId, expected] of [
  ['00000000000000000000000000000000', '0'],
  ['0000000000000000000000000000000a', '10'],
  ['ffffffffffffffff0000000000000001', '1'],
  ['00000000000000008000000000000000', '9223372036854775808'],
  ['0000000000000000ffffffffffffffff', '18446744073709551615'],
  ['0af7651916cd43dd8448eb211c80319c', '9532127138774266268'],
] as const) {
  t.test(`the trace ${traceId} is ${expected} to Datadog`, async t => {
    const line = told({ decision: { ...letIn('/api/orders/{ref}/'), traceId } })
    t.match(line, { trace_id: traceId, 'dd.trace_id': expected })
  })
}

t.test('without a decision there is no trace', async t => {
  t.notOk('dd.trace_id' in (told({}) ?? {}))
})

t.test('a request that has a span is told of with it', async t => {
  const spans = { parentId: undefined, serverSpanId: '00f067aa0ba902b7', clientSpanId: '00f067aa0ba902b8' }
  t.equal(told({ decision: { ...letIn('/api/orders/{ref}/'), spans } })?.span_id, '00f067aa0ba902b7')
})

t.test('a line says which policy and which configuration a request was judged by', async t => {
  t.match(told({ decision: letIn('/api/orders/{ref}/') }), { policy: 'abcdef0123456789', config_generation: 3 })
  t.notOk('policy' in (told({}) ?? {}), 'and not for one that nobody judged')
})

/** Successes of traces whose random part is so many 2^52ths of the whole. */
function success(random: string): Partial<RequestStory> {
  return { decision: { ...letIn('/api/orders/{ref}/'), traceId: `0af7651916cd43dd84${random}0` } }
}

for (const [share, random, isKept] of [
  [1, '0000000000000', true],
  [0.5, '7ffffffffffff', false],
  [0.5, '8000000000000', true],
  [0.25, 'bffffffffffff', false],
  [0.25, 'c000000000000', true],
  [0, 'fffffffffffff', false],
] as const) {
  t.test(`of ${share} of all successes, ${random} is ${isKept ? 'one' : 'none'}`, async t => {
    const line = told(success(random), 'info', { sampleSuccesses: share })
    t.equal(line !== undefined, isKept)
    if (line) t.equal(line.sample_rate, share === 1 ? undefined : share)
  })
}

const everything = { sampleSuccesses: 0 }
for (const [name, overrides] of Object.entries({
  'a request without a decision': {},
  'a refusal': { decision: refusedAs('route_not_allowed'), reason: 'route_not_allowed', status: 403 },
  'an answer of 400': { ...success('0000000000000'), status: 400 },
  'an answer of 500': { ...success('0000000000000'), status: 500 },
  'an answer that broke off': { ...success('0000000000000'), reason: 'upstream_reset' },
  'a client that went away': { ...success('0000000000000'), status: 499 },
  'a preflight': { decision: preflight, status: 204 },
  'an issued session token': { decision: issue, status: 201 },
} as const)) {
  t.test(`${name} is logged however small the share of the successes, and stands for itself alone`, async t => {
    const line = told(overrides, 'info', everything)
    t.ok(line)
    t.notOk('sample_rate' in (line ?? {}))
  })
}

t.test('a refusal where session tokens are issued has that route, and one that fits no route has none', async t => {
  const refused = refusedAs('credentials_missing') as Denied
  const line = { reason: 'credentials_missing', status: 401 } as const
  t.match(told({ ...line, decision: { ...refused, isForIssuing: true } }), { route: '/session_token' })
  for (const decision of [refused, preflight]) t.notOk('route' in (told({ ...line, decision }) ?? {}))
})

t.test('an answer of 399 is a success', async t => {
  t.equal(told({ ...success('0000000000000'), status: 399 }, 'info', everything), undefined)
})

/** The values of these must never be written anywhere. */
const canaries = {
  query: 'canaryquery',
  path: 'canarypath',
  field: 'canaryfield',
  cookie: 'canarycookie',
  body: 'canarybody',
  pan: '9999410000000004',
  upstream: 'canaryupstream',
  merchant: 'canarymerchant',
  refused: 'canaryrefused',
}

async function expectSilence(t: Test, file: LogFile, token: string): Promise<void> {
  const text = file.text()
  for (const canary of Object.values(canaries)) t.notMatch(text, new RegExp(canary))
  for (const part of token.split('.')) t.notMatch(text, new RegExp(part))
  t.notMatch(text, /127\.0\.0\.1:\d/, 'no address of the upstream')
}

t.test('nothing that a client or the upstream wrote is logged, whatever becomes of the request', async t => {
  const token = aLiveToken()
  const lines = [
    `Merchant-Account: mid/${canaries.merchant}`,
    `X-Forage-JS-SDK-Version: ${canaries.field}`,
    `x-forage-android-sdk-version: ${canaries.pan}`,
    `User-Agent: ${canaries.field}`,
    `Cookie: a=${canaries.cookie}`,
    `traceparent: ${canaries.field}`,
    `X-Request-Id: ${canaries.field}`,
  ]
  const target = `/api/orders/${canaries.path}/?q=${canaries.query}&pan=${canaries.pan}`
  const body = JSON.stringify({ canary: canaries.body, number: canaries.pan })
  const post = `POST /api/payments/${canaries.path}/capture/?q=${canaries.query} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n${lines.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  const messages = [
    aRequest({ target, lines }),
    post,
    aRequest({ target: `/o/${canaries.path}/?${canaries.query}`, lines }),
    aRequest({ target: `/api/orders/../${canaries.path}/` }),
    aRequest({ lines: [`X_${canaries.field}: 1`] }),
    `GET /${canaries.path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer sandbox_${canaries.refused}\r\n\r\n`,
    `GET /?client_secret=${canaries.refused} HTTP/1.1\r\nHost: a\r\n\r\n`,
    `${canaries.refused} ${canaries.path}\r\n\r\n`,
    `GET / HTTP/1.1\r\n${canaries.field} : ${canaries.refused}\r\n\r\n`,
    aRequest({
      method: 'POST',
      target: '/api/payments/',
      lines: ['Transfer-Encoding: chunked'],
      body: `${canaries.body}\r\n`,
    }),
  ]
  const answers = {
    ok: `HTTP/1.1 200 OK\r\nX-A: ${canaries.upstream}\r\nContent-Length: 14\r\n\r\n${canaries.upstream}`,
    'an error page': `HTTP/1.1 502 ${canaries.upstream}\r\nContent-Length: 14\r\n\r\n${canaries.upstream}`,
    garbage: `${canaries.upstream}\r\n\r\n`,
    'a cut answer': `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n${canaries.upstream}\r\n`,
    silence: '',
  }
  for (const [name, octets] of Object.entries(answers)) {
    t.test(name, async t => {
      const upstream = await startScriptedUpstream(t, answering(octets))
      const file = logFileIn(t.testdir())
      const gateway = await startForwarding(
        t,
        upstream.url,
        { headersTimeoutMs: 100, bodyTimeoutMs: 100 },
        { log: file.log },
      )
      for (const message of messages) {
        const client = await openRaw(t, gateway.url)
        client.send(message)
        await client.answer().catch(() => {})
        client.socket.destroy()
      }
      await gateway.stop()
      t.equal(file.lines().length, messages.length)
      await expectSilence(t, file, token)
    })
  }
})

t.test('one line per request with exactly these fields', async t => {
  const recorder = await startRecorder(t)
  const file = logFileIn(t.testdir())
  const gateway = await startForwarding(t, recorder.url, {}, { log: file.log })
  const answer = await exchangeRaw(
    t,
    gateway.url,
    aPost('{"a":1}', ['Merchant-Account: 123ab45c67', 'x-forage-ios-sdk-version: 4.5.1']),
  )
  await gateway.stop()
  const [line, ...more] = file.lines()
  t.equal(more.length, 0)
  t.match(line, {
    level: 'info',
    request_id: answer.field('x-request-id'),
    trace_id: /^[0-9a-f]{32}$/,
    'dd.trace_id': /^\d{1,20}$/,
    method: 'POST',
    route: '/api/payments/',
    status: 200,
    decision: 'allow',
    scope: 'payments',
    environment: 'sandbox',
    session: /^[A-Za-z0-9_-]{16}$/,
    merchant_account: /^[A-Za-z0-9_-]{16}$/,
    client_address: '127.0.0.1',
    bytes_in: 7,
    bytes_out: 11,
    sdk_version: '4.5.1',
    msg: 'request',
  })
  t.same(
    Object.keys(line ?? {})
      .filter(name => name !== 'tenant')
      .sort(),
    [
      ...[
        'bytes_in',
        'bytes_out',
        'client_address',
        'config_generation',
        'dd.trace_id',
        'decision',
        'duration_ms',
        'environment',
        'level',
        'merchant_account',
      ],
      ...[
        'method',
        'msg',
        'policy',
        'request_id',
        'route',
        'scope',
        'sdk_version',
        'session',
        'status',
        'time',
        'trace_id',
        'upstream_ms',
      ],
    ],
  )
  t.same(recorder.requests[0]?.fields.includes(answer.field('x-request-id') ?? ''), true)
})

t.test('a denial that is reported and left out is in the line, which is never sampled away', async t => {
  const decision = { ...letIn('/api/orders/{ref}/'), wouldDeny: 'scope_insufficient' } as const
  t.match(told({ decision }), { decision: 'allow', would_deny: 'scope_insufficient', scope: 'orders' })
  t.match(told({ decision }, 'info', { sampleSuccesses: 0 }), {
    would_deny: 'scope_insufficient',
    sample_rate: undefined,
  })
  t.equal(told({ decision: letIn('/api/orders/{ref}/') }, 'info', { sampleSuccesses: 0 }), undefined)
  t.notOk('would_deny' in (told({ decision: letIn('/api/orders/{ref}/') }) ?? {}))
})

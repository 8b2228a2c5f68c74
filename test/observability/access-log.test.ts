import pino from 'pino'
import t, { type Test } from 'tap'
import type { Decision } from '../../src/gate/decision.ts'
import { RequestFacts } from '../../src/gate/request-facts.ts'
import { createAccessLog } from '../../src/observability/access-log.ts'
import type { RequestStory } from '../../src/observability/request-story.ts'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aLiveToken, aPost, aRequest } from '../fixtures/live-token.ts'
import { type LogFile, logFileIn } from '../fixtures/log-file.ts'
import { exchangeRaw, openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { answering, startScriptedUpstream } from '../fixtures/scripted-upstream.ts'

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

function told(overrides: Partial<RequestStory>, level = 'info'): Record<string, unknown> | undefined {
  let line: string | undefined
  const logger = pino(
    { level, base: null, formatters: { level: label => ({ level: label }) } },
    {
      write(text) {
        line = text
      },
    },
  )
  createAccessLog({ logger, environment: 'sandbox', hashKey: Buffer.alloc(32) })({ ...story, ...overrides })
  return line === undefined ? undefined : JSON.parse(line)
}

function withFacts(facts: Partial<RequestFacts>): Decision {
  const all = Object.assign(new RequestFacts(), facts)
  return { outcome: 'preflight', facts: all, traceId: 't1', responseFields: [] }
}

for (const [reason, level] of [
  [undefined, 'info'],
  ['route_not_allowed', 'info'],
  ['token_expired', 'info'],
  ['authentication_token', 'warn'],
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
        'decision',
        'duration_ms',
        'environment',
        'level',
        'merchant_account',
      ],
      ...[
        'method',
        'msg',
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

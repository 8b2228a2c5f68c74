import t, { type Test } from 'tap'
import { createOpenBudget } from '../../src/limits/open-budget.ts'
import { aLiveToken, aPost, aRequest } from '../fixtures/live-token.ts'
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../fixtures/otlp-receiver.ts'
import { exchangeRaw, openRaw } from '../fixtures/raw-connection.ts'
import { type Recorder, startRecorder } from '../fixtures/recorder.ts'
import { startScriptedUpstream } from '../fixtures/scripted-upstream.ts'
import { startTraced, type TracedGateway, type TracedOptions } from '../fixtures/traced-gateway.ts'

const theirs = '0af7651916cd43dd8448eb211c80319c'
const parent = 'b7ad6b7169203331'
const sampled = `traceparent: 00-${theirs}-${parent}-01`

interface Started {
  readonly recorder: Recorder
  readonly receiver: OtlpReceiver
  readonly gateway: TracedGateway
}

async function start(
  t: Test,
  options: Partial<TracedOptions> = {},
  respond?: Parameters<typeof startRecorder>[1],
): Promise<Started> {
  const recorder = await startRecorder(t, respond)
  const receiver = await startOtlpReceiver(t)
  return {
    recorder,
    receiver,
    gateway: await startTraced(t, { otlpEndpoint: receiver.url, api: recorder.url, ...options }),
  }
}

/** The one span of that kind: 2 is SERVER, 3 is CLIENT. */
function only(receiver: OtlpReceiver, kind: 2 | 3): ReceivedSpan | undefined {
  const found = receiver.spans.filter(span => span.kind === kind)
  if (found.length > 1) throw new Error(`${found.length} spans of kind ${kind}`)
  return found[0]
}

/** What arrived at Forage under a name, in lower case. */
function arrived({ requests }: Recorder, wanted: string): string[] {
  const fields = requests.at(-1)?.fields ?? []
  return fields.filter((_, index) => fields[index - 1]?.toLowerCase() === wanted && index % 2 === 1)
}

t.test('a request that is forwarded is two spans, under the ids that went over the wire', async t => {
  const { recorder, receiver, gateway } = await start(t)
  const before = BigInt(Date.now()) * 1_000_000n
  const answer = await exchangeRaw(t, gateway.url, aRequest({ lines: [sampled, 'tracestate: vendor=1'] }))
  await gateway.traced(1)
  const after = BigInt(Date.now() + 1) * 1_000_000n
  const [request, call] = [only(receiver, 2), only(receiver, 3)] as [ReceivedSpan, ReceivedSpan]

  t.same([request.traceId, call.traceId], [theirs, theirs])
  t.same([request.parentId, call.parentId], [parent, request.spanId])
  t.same(arrived(recorder, 'traceparent'), [`00-${theirs}-${call.spanId}-01`])
  t.same(arrived(recorder, 'tracestate'), ['vendor=1'])
  t.equal(new Set([parent, request.spanId, call.spanId]).size, 3)

  t.same([request.name, call.name], ['GET /api/orders/{ref}/', 'GET /api/orders/{ref}/'])
  t.same([request.status, call.status], [0, 0])
  t.ok(before <= request.start && request.start <= call.start, 'the call begins within the request')
  t.ok(call.start < call.end && call.end <= request.end && request.end <= after, 'and ends within it')

  const [{ decision } = { decision: undefined }] = gateway.stories
  t.same(request.attributes, {
    'http.request.method': 'GET',
    'http.route': '/api/orders/{ref}/',
    'http.response.status_code': 200,
    'url.scheme': 'http',
    'network.protocol.version': '1.1',
    'client.address': '127.0.0.1',
    'forage.request_id': answer.field('x-request-id'),
    'forage.decision': 'allow',
    'forage.scope': 'orders',
    'forage.session': decision?.outcome === 'allow' && decision.session.fingerprint,
  })
  t.same(call.attributes, {
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'url.scheme': 'http',
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(recorder.url).port),
    'network.protocol.version': '1.1',
  })
  t.match(request.resource, {
    'service.name': 'forage-gateway',
    'service.version': '1.2.3',
    'deployment.environment.name': 'sandbox',
    'telemetry.sdk.language': 'nodejs',
  })
  t.same(request.scope, ['forage-gateway', '1.2.3'])
  t.match(receiver.exports, [{ path: '/v1/traces', fields: { 'content-type': 'application/x-protobuf' } }])
  t.equal(gateway.tracing.dropped(), 0)
})

t.test('nothing that a client wrote is exported but its ids: no token, path, query, host or other field', async t => {
  const { receiver, gateway } = await start(t)
  const token = aLiveToken()
  const lines = [
    ...[
      sampled,
      'tracestate: canary-state=1',
      'baggage: canary-baggage=1',
      'User-Agent: canary-agent',
      'X-Note: canary-note',
    ],
    ...[
      'Merchant-Account: canary-merchant',
      'X-Forage-iOS-SDK-Version: canary-version',
      'Referer: https://canary-referer/',
    ],
  ]
  const targets = [
    '/api/orders/canary-ref/?pan=canary-query',
    '/api/sessions/canary-path/',
    `/api/${token}/`,
    '/canary/../x',
  ]
  for (const target of targets) {
    const head = [`GET ${target} HTTP/1.1`, 'Host: canary-host', `Authorization: Bearer ${token}`, ...lines]
    await exchangeRaw(t, gateway.url, `${head.join('\r\n')}\r\n\r\n`)
  }
  await exchangeRaw(t, gateway.url, aRequest({ method: 'CANARYMETHOD', lines: [sampled] }))
  await exchangeRaw(t, gateway.url, aPost('{"pan":"canary-body"}', [sampled]))
  await gateway.traced(6)
  t.equal(receiver.spans.length, 7, 'two forwarded, three refused, and one that is not HTTP, so that nobody decided')
  const octets = receiver.exports.map(({ body }) => body.toString('latin1')).join()
  t.notMatch(octets, /canary/i)
  for (const part of token.split('.')) t.notOk(octets.includes(part))
})

t.test('a refusal is one span with its reason, and no error; there was no call', async t => {
  const { receiver, gateway } = await start(t)
  await exchangeRaw(t, gateway.url, `GET /api/orders/abc/ HTTP/1.1\r\nHost: a\r\n${sampled}\r\n\r\n`)
  await exchangeRaw(t, gateway.url, aRequest({ method: 'PROPFIND', lines: [sampled] }))
  const preflight = ['OPTIONS / HTTP/1.0', 'Host: a', 'Origin: https://a.example', sampled]
  await exchangeRaw(t, gateway.url, `${preflight.join('\r\n')}\r\n\r\n`)
  await gateway.traced(3)
  t.match(receiver.spans, [
    {
      ...{ kind: 2, name: 'GET', status: 0, parentId: parent },
      attributes: {
        'http.response.status_code': 401,
        'forage.decision': 'deny',
        'forage.reason': 'credentials_missing',
        'http.route': undefined,
        'error.type': undefined,
      },
    },
    { kind: 2, name: 'HTTP', attributes: { 'http.request.method': '_OTHER', 'forage.reason': 'route_not_allowed' } },
    { kind: 2, name: 'OPTIONS', attributes: { 'network.protocol.version': '1.0' } },
  ])
  t.equal(receiver.spans.length, 3)
})

t.test('what Forage answers is an error of the call from 400 on, and of the request from 500 on', async t => {
  for (const [status, call, request] of [
    [302, undefined, undefined],
    [404, '404', undefined],
    [500, '500', '500'],
  ] as const) {
    const { receiver, gateway } = await start(t, {}, (_, response) => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end('{}')
    })
    await exchangeRaw(t, gateway.url, aRequest({ lines: [sampled] }))
    await gateway.traced(1)
    const spans = [only(receiver, 3), only(receiver, 2)]
    t.same(
      spans.map(span => [span?.status, span?.attributes['error.type'], span?.attributes['http.response.status_code']]),
      [call, request].map(type => [type === undefined ? 0 : 2, type, status]),
      `${status}`,
    )
  }
})

const faults: readonly (readonly [what: string, script: string, call: object, request: object])[] = [
  [
    'closes the connection at once',
    '',
    { 'error.type': 'upstream_reset', 'forage.error_code': 'UND_ERR_SOCKET', 'http.response.status_code': undefined },
    { 'error.type': 'upstream_reset', 'http.response.status_code': 502 },
  ],
  [
    'answers with a page of its edge',
    'HTTP/1.1 503 Busy\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nbusy',
    { 'error.type': '503', 'http.response.status_code': 503 },
    { 'error.type': 'upstream_invalid', 'http.response.status_code': 503 },
  ],
  [
    'breaks its answer off',
    'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    { 'error.type': 'upstream_reset', 'http.response.status_code': 200 },
    { 'error.type': 'upstream_reset', 'http.response.status_code': 200 },
  ],
]
for (const [what, octets, call, request] of faults) {
  t.test(`an upstream that ${what} is an error of both spans`, async t => {
    const upstream = await startScriptedUpstream(t, async ({ socket, until }) => {
      await until('\r\n\r\n')
      socket.end(octets, 'latin1')
    })
    const { receiver, gateway } = await start(t, { api: upstream.url })
    const client = await openRaw(t, gateway.url)
    client.send(aPost('{}', [sampled]))
    await gateway.traced(1)
    t.match(only(receiver, 3), { status: 2, attributes: call })
    t.match(only(receiver, 2), { status: 2, attributes: request })
    t.ok((only(receiver, 3)?.end as bigint) <= (only(receiver, 2)?.end as bigint))
  })
}

t.test('an upstream that nobody listens at is an error of both spans, without a status of the call', async t => {
  const { receiver, gateway } = await start(t, { api: 'http://127.0.0.1:1' })
  await exchangeRaw(t, gateway.url, aRequest({ lines: [sampled] }))
  await gateway.traced(1)
  t.match(only(receiver, 3), {
    status: 2,
    attributes: {
      'error.type': 'upstream_unreachable',
      'forage.error_code': 'ECONNREFUSED',
      'http.request.resend_count': 1,
      'http.response.status_code': undefined,
    },
  })
  t.match(only(receiver, 2), { status: 2, attributes: { 'http.response.status_code': 502 } })
})

t.test('a request that is sent again is one call, and tells so', async t => {
  const upstream = await startScriptedUpstream(t, async ({ socket, until }, index) => {
    await until('\r\n\r\n')
    if (index === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    else {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      socket.once('data', () => socket.resetAndDestroy())
    }
  })
  const { receiver, gateway } = await start(t, { api: upstream.url })
  await exchangeRaw(t, gateway.url, aRequest({ lines: [sampled.replace(/01$/, '00')] }))
  t.equal((await exchangeRaw(t, gateway.url, aRequest({ lines: [sampled] }))).body, 'ok')
  await gateway.traced(2)
  t.match(only(receiver, 3), { status: 0, attributes: { 'http.request.resend_count': 1, 'error.type': undefined } })
  t.match(only(receiver, 2), { status: 0 })
})

t.test('a client that goes away has no status, and that is no error', async t => {
  const upstream = await startScriptedUpstream(t)
  const { receiver, gateway } = await start(t, { api: upstream.url })
  const client = await openRaw(t, gateway.url)
  client.send(aRequest({ lines: [sampled] }))
  await (await upstream.connection(0)).until('\r\n\r\n')
  client.socket.destroy()
  await gateway.traced(1)
  const none = { 'http.response.status_code': undefined, 'error.type': undefined }
  t.match(only(receiver, 2), { status: 0, attributes: { ...none, 'forage.client_gone': true } })
  t.match(only(receiver, 3), { status: 0, attributes: none })
})

t.test('of two identical reads that go out as one, the second has no call of its own', async t => {
  const upstream = await startScriptedUpstream(t)
  const { receiver, gateway } = await start(t, { api: upstream.url, budget: createOpenBudget([]) })
  const read = aRequest({ lines: [sampled] })
  const [first, second] = [await openRaw(t, gateway.url), await openRaw(t, gateway.url)]
  first.send(read)
  const { socket, until } = await upstream.connection(0)
  await until('\r\n\r\n')
  second.send(read)
  // A refusal that comes back shows that what was sent before it has been decided about.
  await exchangeRaw(t, gateway.url, 'GET /nowhere/ HTTP/1.1\r\nHost: a\r\ntraceparent: 00\r\n\r\n')
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  t.same([(await first.answer()).body, (await second.answer()).body], ['ok', 'ok'])
  await gateway.traced(3)
  const requests = receiver.spans.filter(({ kind, traceId }) => kind === 2 && traceId === theirs)
  t.same(requests.map(({ attributes }) => attributes['forage.shared_read']).toSorted(), [true, undefined])
  const mine = requests.find(({ attributes }) => attributes['forage.shared_read'] === undefined)
  t.equal(only(receiver, 3)?.parentId, mine?.spanId)
})

t.test('what a client has not sampled is not exported, and travels on as not sampled', async t => {
  const { recorder, receiver, gateway } = await start(t)
  await exchangeRaw(t, gateway.url, aRequest({ lines: [sampled.replace(/01$/, '00')] }))
  await gateway.traced(1)
  t.match(arrived(recorder, 'traceparent'), [new RegExp(`^00-${theirs}-[0-9a-f]{16}-00$`)])
  t.equal(receiver.exports.length, 0)
})

t.test(
  'of traces that begin here, all are exported with a ratio of 1 and none with 0, and the flag says so',
  async t => {
    for (const [sampleRatio, spans, flags] of [
      [1, 2, '01'],
      [0, 0, '00'],
    ] as const) {
      const { recorder, receiver, gateway } = await start(t, { tracing: { sampleRatio } })
      await exchangeRaw(t, gateway.url, aRequest({ lines: ['traceparent: nonsense', 'tracestate: vendor=1'] }))
      await gateway.traced(1)
      t.equal(receiver.spans.length, spans)
      t.match(arrived(recorder, 'traceparent'), [new RegExp(`^00-[0-9a-f]{32}-[0-9a-f]{16}-${flags}$`)])
      t.same(arrived(recorder, 'tracestate'), [])
      t.equal(only(receiver, 2)?.parentId, spans === 0 ? undefined : '')
    }
  },
)

t.test('a client that is not trusted to sample is joined, and sampled by the ratio', async t => {
  const { recorder, receiver, gateway } = await start(t, { tracing: { sampleRatio: 0, trustClientSampling: false } })
  await exchangeRaw(t, gateway.url, aRequest({ lines: [sampled] }))
  await gateway.traced(1)
  t.match(arrived(recorder, 'traceparent'), [new RegExp(`^00-${theirs}-[0-9a-f]{16}-00$`)])
  t.equal(receiver.spans.length, 0)
})

t.test('a Datadog trace is joined, its fields travel on untouched', async t => {
  const { recorder, receiver, gateway } = await start(t, { tracing: { sampleRatio: 0 } })
  const lines = [
    ...['x-datadog-trace-id: 12345678901234567890', 'x-datadog-parent-id: 9876543210987654321'],
    ...[
      'x-datadog-sampling-priority: 1',
      'x-datadog-tags: _dd.p.dm=-1,_dd.p.tid=640cfd8d00000000',
      'x-datadog-origin: rum',
    ],
  ]
  await exchangeRaw(t, gateway.url, aRequest({ lines }))
  await gateway.traced(1)
  const traceId = '640cfd8d00000000ab54a98ceb1f0ad2'
  t.match(only(receiver, 2), { traceId, parentId: '891087b8e3b70cb1' })
  t.same(arrived(recorder, 'traceparent'), [`00-${traceId}-${only(receiver, 3)?.spanId}-01`])
  for (const line of lines) {
    const [name = '', value] = line.split(': ')
    t.same(arrived(recorder, name), [value])
  }
})

t.test('trace fields that come twice or make no sense are no reason to refuse', async t => {
  const { recorder, gateway } = await start(t)
  const ids = ['x-datadog-trace-id: 12345678901234567890', 'x-datadog-trace-id: 12345678901234567890']
  for (const lines of [
    [sampled, sampled],
    ['traceparent: x'],
    ids,
    ['b3: 0'],
    ['x-datadog-trace-id: 4111111111111111'],
  ]) {
    t.equal((await exchangeRaw(t, gateway.url, aRequest({ lines }))).status, 200)
    const [sent = ''] = arrived(recorder, 'traceparent')
    t.match(sent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    t.notMatch(sent, new RegExp(`${theirs}|ab54a98ceb1f0ad2|000e9b08a568f1c7`), 'a trace of our own')
  }
})

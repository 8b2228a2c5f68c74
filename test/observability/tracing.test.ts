import { readFileSync } from 'node:fs'
import t from 'tap'
import type { RequestStory } from '../../src/observability/request-story.ts'
import { serverAttributes, upstreamFactsOf } from '../../src/observability/span-attributes.ts'
import { tracesUrl } from '../../src/observability/span-export.ts'
import { createSpanLosses, lossCodeOf, type SpanLoss } from '../../src/observability/span-losses.ts'
import { importOpenTelemetry, packagesToInstall } from '../../src/observability/span-packages.ts'
import { spansOf } from '../../src/observability/span-record.ts'
import { createSampling } from '../../src/observability/span-sampling.ts'
import { createTracing } from '../../src/observability/tracing.ts'
import { aStory, issue, letIn } from '../fixtures/story.ts'

const facts = { version: '1.2.3', environment: 'sandbox', scheme: 'https', upstream: 'https://api.example' } as const
const endpoint = { otlpEndpoint: 'http://127.0.0.1:1', onFault() {} }

for (const [digits, ratio, isSampled] of [
  ['0000000000000', 0, false],
  ['0000000000000', 0.5, true],
  ['7ffffffffffff', 0.5, true],
  ['8000000000000', 0.5, false],
  ['fffffffffffff', 0.5, false],
  ['fffffffffffff', 1, true],
  ['028f5c28f5c28', 0.01, true],
  ['028f5c28f5c29', 0.01, false],
] as const) {
  t.test(`an id that ends in ${digits} is ${isSampled ? '' : 'not '}of the share ${ratio}`, async t => {
    const { samples } = createSampling({ sampleRatio: ratio, trustClientSampling: true })
    for (const rest of ['0'.repeat(19), 'f'.repeat(19)]) t.equal(samples(rest + digits), isSampled)
  })
}

for (const [base, url] of [
  ['http://127.0.0.1:4318', 'http://127.0.0.1:4318/v1/traces'],
  ['http://127.0.0.1:4318/', 'http://127.0.0.1:4318/v1/traces'],
  ['https://c.example/a/b', 'https://c.example/a/b/v1/traces'],
  ['https://c.example/a/b/', 'https://c.example/a/b/v1/traces'],
  ['https://c.example/v1/traces', 'https://c.example/v1/traces'],
  ['https://c.example/a?k=v', 'https://c.example/a/v1/traces?k=v'],
]) {
  t.test(`spans for ${base} go to ${url}`, async t => t.equal(tracesUrl(base as string), url))
}

for (const [origin, scheme, address, port] of [
  ['https://api.example', 'https', 'api.example', 443],
  ['http://api.example', 'http', 'api.example', 80],
  ['https://api.example:8443', 'https', 'api.example', 8443],
  ['http://[::1]:8080', 'http', '::1', 8080],
] as const) {
  t.test(`calls of ${origin} go to ${address}, port ${port}`, async t => {
    t.same(upstreamFactsOf(origin), { 'url.scheme': scheme, 'server.address': address, 'server.port': port })
  })
}

t.test('packages that are missing are named with the command that installs them', async t => {
  const cause = Object.assign(new Error('x'), { code: 'ERR_MODULE_NOT_FOUND' })
  const made = createTracing({ ...facts, ...endpoint, load: () => Promise.reject(cause) })
  await t.rejects(made, {
    code: 'ERR_FORAGE_CONFIG',
    message: `tracing.otlpEndpoint: needs OpenTelemetry, which could not be loaded. Install it: npm install ${packagesToInstall.join(' ')}`,
    cause,
  })
})

t.test(
  'the versions of that command are the ones that are tested here, and no others are wanted of packages',
  async t => {
    const { devDependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(readFileSync('package.json', 'utf8'))
    const named = Object.fromEntries(
      packagesToInstall.map(each => [each.replace(/@[^@]*$/, ''), each.replace(/^.*@/, '')]),
    )
    const isOfThem = (name: string): boolean => name.startsWith('@opentelemetry/')
    t.same(Object.fromEntries(Object.entries(devDependencies).filter(([name]) => isOfThem(name))), named)
    t.same(Object.keys(peerDependencies).filter(isOfThem).toSorted(), Object.keys(named).toSorted())
    for (const name of Object.keys(named)) t.same(peerDependenciesMeta[name], { optional: true })
  },
)

t.test('losses are told at once, then together once a minute; all are counted', async t => {
  let now = 0
  const told: SpanLoss[] = []
  const losses = createSpanLosses(
    loss => told.push(loss),
    60_000,
    () => now,
  )
  losses.add(2, 'ECONNREFUSED')
  losses.add(3, 'queue_full')
  now = 59_999
  losses.add(4, 'queue_full')
  t.same(told, [{ code: 'ECONNREFUSED', spans: 2 }])
  now = 60_000
  losses.add(1, '')
  t.same(told.slice(1), [{ code: '', spans: 8 }])
  t.equal(losses.total(), 10)
})

for (const [error, code] of [
  [Object.assign(new Error('canary'), { code: 'ECONNRESET' }), 'ECONNRESET'],
  [Object.assign(new Error('canary'), { code: 401 }), 'HTTP 401'],
  [Object.assign(new Error('canary'), { code: undefined }), ''],
  [new Error('canary'), ''],
  [undefined, ''],
  [null, ''],
] as const) {
  t.test(`an error with the code ${error && 'code' in error ? error.code : 'of none'} is told as "${code}"`, async t =>
    t.equal(lossCodeOf(error), code),
  )
}

const spans = { parentId: undefined, serverSpanId: 'b'.repeat(16), clientSpanId: 'c'.repeat(16) }
const surroundings = {
  scope: { name: 'forage-gateway', version: '1.2.3' },
  server: { 'url.scheme': 'https' },
  upstream: upstreamFactsOf('https://api.example'),
  clockOffsetMs: () => 1_700_000_000_000,
}

async function recorded(overrides: Partial<RequestStory>) {
  const { resourceFromAttributes } = await importOpenTelemetry()
  return spansOf(aStory(overrides), spans, { ...surroundings, resource: resourceFromAttributes({}) })
}

t.test('times are those of the story, to the microsecond', async t => {
  const [request, call] = await recorded({ startedAt: 1000.25, durationMs: 12.5, sentAt: 1002, upstreamMs: 8.125 })
  t.same(
    [request?.startTime, request?.endTime, request?.duration],
    [
      [1_700_000_001, 250_000],
      [1_700_000_001, 12_750_000],
      [0, 12_500_000],
    ],
  )
  t.same(
    [call?.startTime, call?.endTime],
    [
      [1_700_000_001, 2_000_000],
      [1_700_000_001, 10_125_000],
    ],
  )
})

t.test('a call that got no answer, or whose answer broke off, ends with its request', async t => {
  for (const overrides of [
    { upstreamMs: undefined, reason: 'upstream_timeout', status: 504 },
    { upstreamMs: 2, reason: 'upstream_reset', upstreamStatus: 200 },
  ] as const) {
    const [request, call] = await recorded({ startedAt: 1000, durationMs: 12, sentAt: 1001, ...overrides })
    t.same(call?.endTime, request?.endTime)
    t.equal(call?.status.code, 2)
  }
})

t.test('a story that does not say when it began began as long ago as it took', async t => {
  const [request] = await recorded({ durationMs: 5000 })
  const [seconds = 0, nanoseconds = 0] = request?.endTime ?? []
  const since = performance.now() - ((seconds - 1_700_000_000) * 1000 + nanoseconds / 1e6)
  t.ok(since >= -1 && since < 1000, `ended ${since} ms ago`)
  t.same(request?.duration, [5, 0])
})

t.test('a use case is the one that was asked for, or else the one that the session was issued for', async t => {
  const none = { recordedAt: 0, scopes: undefined, parent: undefined, merchantAccount: undefined }
  const allowed = letIn('/api/orders/{ref}/')
  const decision = { ...allowed, session: { ...allowed.session, provenance: { ...none, useCase: 'balance' } } }
  const useCaseOf = (story: Partial<RequestStory>) =>
    serverAttributes(aStory(story), surroundings.server)['forage.use_case']
  t.equal(useCaseOf({ decision }), 'balance')
  t.equal(useCaseOf({ decision: issue, useCase: 'checkout' }), 'checkout')
  t.equal(useCaseOf({}), undefined)
  t.match(serverAttributes(aStory({ decision: issue }), surroundings.server), { 'http.route': '/session_token' })
})

t.test('what was not sampled, or never decided about, makes no span', async t => {
  const { observe, dropped, close } = await createTracing({ ...facts, ...endpoint, maxWaitingSpans: 1 })
  observe(aStory())
  observe(aStory({ decision: undefined }))
  await close()
  t.equal(dropped(), 0)
})

import t, { type Test } from 'tap'
import { metricsRoutes } from '../../src/admin/metrics-routes.ts'
import { aMetrics } from '../fixtures/a-metrics.ts'
import { adminToken, askAdmin, refusalOf, startAdmin } from '../fixtures/admin-client.ts'
import { aConfig } from '../fixtures/config.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { at, send } from '../fixtures/http-client.ts'
import { startIssuingGateway } from '../fixtures/issuing-gateway.ts'
import { aLiveToken } from '../fixtures/live-token.ts'
import { sendRaw } from '../fixtures/raw-client.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { promtool, type Scrape, scrape } from '../fixtures/scrape.ts'
import { aStory } from '../fixtures/story.ts'
import { anAuthenticationToken } from '../fixtures/token.ts'
import { until } from '../fixtures/until.ts'

const admin = { host: '127.0.0.1', port: 0, token: Buffer.from(adminToken) }
const g = (name: string): string => `forage_gateway_${name}`

for (const [accept, type] of [
  [undefined, 'text/plain; version=0.0.4; charset=utf-8'],
  ['*/*', 'text/plain; version=0.0.4; charset=utf-8'],
  ['text/html', 'text/plain; version=0.0.4; charset=utf-8'],
  ['application/openmetrics-text', 'application/openmetrics-text; version=1.0.0; charset=utf-8'],
  ['Application/OpenMetrics-Text ; version=1.0.0', 'application/openmetrics-text; version=1.0.0; charset=utf-8'],
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'application/openmetrics-text; version=1.0.0; charset=utf-8',
  ],
  ['application/openmetrics-text;q=0.3, text/plain;q=0.5', 'text/plain; version=0.0.4; charset=utf-8'],
  ['application/openmetrics-text;q=0', 'text/plain; version=0.0.4; charset=utf-8'],
  ['application/openmetrics-text;q=much', 'text/plain; version=0.0.4; charset=utf-8'],
] as const) {
  t.test(`a scraper that accepts ${accept ?? 'nothing in particular'} gets ${type.split(';')[0]}`, async t => {
    const metrics = aMetrics()
    metrics.observe(aStory())
    const { url } = await startAdmin(t, metricsRoutes(metrics.snapshot))
    const { status, contentType, text } = await scrape(url, accept)
    t.same([status, contentType], [200, type])
    t.equal(text.endsWith('# EOF\n'), type.startsWith('application/openmetrics-text'))
  })
}

t.test('metrics that cannot be had are a fault of ours, told without its words', async t => {
  const collect = () => Promise.reject(new Error('a secret of the inside'))
  const { ask, faults } = await startAdmin(t, metricsRoutes(collect))
  t.equal(refusalOf(await ask('/metrics')), '500 server_error')
  t.equal(faults.length, 1)
})

/** Waits until so many requests have ended. */
function ended(adminUrl: string, requests: number): Promise<Scrape> {
  return until(
    () => scrape(adminUrl),
    ({ text }) => {
      const counts = [...text.matchAll(/^forage_gateway_requests_total\{.*\} (\d+)$/gm)]
      return counts.reduce((sum, [, count]) => sum + Number(count), 0) === requests
    },
  )
}

async function aBusyGateway(t: Test) {
  const recorder = await startRecorder(t, (request, response) => {
    if (request.method === 'POST') response.socket?.destroy()
    else response.writeHead(request.url?.includes('absent') ? 404 : 200).end('{}')
  })
  const { upstream } = aConfig(recorder.url)
  const budget = { requests: 900, windowSec: 300, maxWaitMs: 1000 }
  const gateway = await startGateway(t, aConfig(recorder.url, { admin, upstream: { ...upstream, budget } }))
  const ask = (path: string, token?: string, method = 'GET') =>
    send({
      ...at(gateway.url),
      method,
      path,
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    })
  return { gateway, ask }
}

const order = '/api/orders/{ref}/'

t.test('requests that were let in, refused and lost are counted as what they were', async t => {
  const { gateway, ask } = await aBusyGateway(t)
  const token = aLiveToken()
  t.equal((await ask('/api/orders/abc/', token)).status, 200)
  t.equal((await ask('/api/orders/abc/?x=1', token)).status, 200)
  t.equal((await ask('/api/orders/absent/', token)).status, 404)
  t.equal((await ask('/api/payments/', token, 'POST')).status, 502)
  t.equal((await ask('/api/orders/abc/')).status, 401)
  t.equal((await ask('/api/orders/abc/', anAuthenticationToken())).status, 403)
  t.equal((await ask('/o/token/', token, 'POST')).status, 403)
  t.equal((await ask('/api/orders/abc/', aLiveToken({ exp: 1_600_000_000 }))).status, 401)
  t.equal((await sendRaw(gateway.url, 'no request\r\n\r\n')).status, 400)
  t.equal((await askAdmin(gateway.adminUrl, '/revocations', { body: { token } })).status, 200)
  const { value, labelValues } = await ended(gateway.adminUrl, 9)
  const requests = (route: string, method: string, status: string, decision: string) =>
    value(g('requests_total'), { route, method, status, decision })
  t.equal(requests(order, 'GET', '200', 'allow'), 2)
  t.equal(requests(order, 'GET', '404', 'allow'), 1)
  t.equal(requests('/api/payments/', 'POST', '502', 'allow'), 1)
  t.equal(requests('none', 'POST', '403', 'deny'), 1)
  t.equal(requests('none', 'other', '400', 'deny'), 1)
  for (const [reason, count] of [
    ...([
      ['credentials_missing', 1],
      ['authentication_token', 1],
      ['route_not_allowed', 1],
    ] as const),
    ...([
      ['token_expired', 1],
      ['method_invalid', 1],
      ['token_revoked', 0],
    ] as const),
  ] as const)
    t.equal(value(g('denials_total'), { reason }), count, reason)
  t.equal(value(g('upstream_errors_total'), { reason: 'upstream_reset' }), 1)
  t.equal(value(g('authentication_tokens_blocked_total')), 1)
  t.equal(value(g('upstream_duration_seconds_count'), { route: order }), 3)
  t.equal(value(g('request_duration_seconds_count'), { route: '/api/payments/' }), 1)
  t.equal(value(g('token_cache_total'), { result: 'hit' }), 3)
  t.equal(value(g('token_cache_total'), { result: 'miss' }), 2)
  // Four were sent, and one of them has no answer: it may still arrive.
  t.equal(value(g('budget_remaining'), { egress: 'default' }), 896)
  t.equal(value(g('budget_wait_seconds_count')), 4)
  t.equal(value(g('budget_wait_seconds_sum')), 0)
  t.equal(value(g('revocations_total')), 1)
  t.equal(value(g('revocations_held')), 1)
  t.equal(value(g('inflight_requests')), 0)
  t.same(labelValues('decision'), ['allow', 'deny'])
})

t.test('what is under way is counted until it has its answer', async t => {
  let answer = (): void => {}
  const recorder = await startRecorder(t, (_request, response) => {
    answer = () => void response.end('{}')
  })
  const gateway = await startGateway(t, aConfig(recorder.url, { admin }))
  const headers = { Authorization: `Bearer ${aLiveToken()}` }
  const reply = send({ ...at(gateway.url), path: '/api/orders/abc/', headers })
  await until(
    () => recorder.requests.length,
    count => count === 1,
  )
  t.equal((await scrape(gateway.adminUrl)).value(g('inflight_requests')), 1)
  answer()
  await reply
  t.equal((await ended(gateway.adminUrl, 1)).value(g('inflight_requests')), 0)
})

t.test('issued session tokens are counted by use case, and credentials of ours that clients send', async t => {
  const bench = await startIssuingGateway(t)
  const { adminUrl } = bench.gateway
  const before = await scrape(adminUrl)
  t.equal(before.value(g('issued_session_tokens_total'), { use_case: 'balance' }), 0)
  const token = await bench.sessionFor('checkout')
  await bench.sessionFor('checkout')
  t.equal((await bench.issue('no-such-key')).status, 401)
  await bench.ask(token, `/api/orders/?client_id=${bench.simulator.clientId}`)
  const { value } = await ended(adminUrl, 4)
  t.equal(value(g('issued_session_tokens_total'), { use_case: 'checkout' }), 2)
  t.equal(value(g('issued_session_tokens_total'), { use_case: 'balance' }), 0)
  t.equal(value(g('ledger_tokens')), 2)
  t.equal(value(g('leaked_credentials_total')), 1)
  const issued = { route: '/session_token', method: 'POST' }
  t.equal(value(g('requests_total'), { ...issued, status: '200', decision: 'issue' }), 2)
  t.equal(value(g('requests_total'), { ...issued, status: '401', decision: 'deny' }), 1)
  t.equal(value(g('denials_total'), { reason: 'caller_not_accepted' }), 1)
})

t.test(
  'a flood of odd paths and methods makes no label, and promtool is content',
  { skip: missingPart('promtool') },
  async t => {
    const { gateway, ask } = await aBusyGateway(t)
    const token = aLiveToken()
    const methods = ['GET', 'PURGE', 'PROPFIND', 'M-SEARCH', 'HEAD', 'TRACE', 'OPTIONS', 'QUERY']
    for (let count = 0; count < 160; count++)
      await ask(`/${count}/"a"\\${count}/%00?q=${count}`.slice(0, (count % 17) + 1), token, methods[count % 8])
    for (let count = 0; count < 20; count++)
      await sendRaw(gateway.url, `ODD${count} /${count} HTTP/1.1\r\nHost: a\r\n\r\n`)
    const { text, labelValues } = await ended(gateway.adminUrl, 180)
    t.same(labelValues('route'), ['none'])
    t.same(labelValues('method'), ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'other'])
    t.equal(promtool(['check', 'metrics'], text), '')
  },
)

t.test('nothing that a client wrote is in a scrape, in either format', async t => {
  const canaries = ['canarypath', 'canaryquery', 'canarymethod', 'canaryfield', 'canarytoken', '9999410000000004']
  const { gateway, ask } = await aBusyGateway(t)
  const token = aLiveToken()
  await ask('/api/orders/canarypath/?q=canaryquery&pan=9999410000000004', token)
  await ask('/canarypath/?q=canaryquery', token)
  await ask('/api/payments/canarypath/capture/', token, 'POST')
  await ask('/api/orders/canarypath/', 'sandbox_canarytoken')
  await ask('/api/orders/canarypath/', anAuthenticationToken())
  const fields = `traceparent: canaryfield\r\nMerchant-Account: canaryfield\r\nAuthorization: Bearer ${token}`
  await sendRaw(gateway.url, `GET /api/orders/canarypath/ HTTP/1.1\r\nHost: canaryfield\r\n${fields}\r\n\r\n`)
  await sendRaw(gateway.url, `CANARYMETHOD /canarypath HTTP/1.1\r\n\r\n`)
  await ended(gateway.adminUrl, 7)
  for (const accept of ['text/plain', 'application/openmetrics-text']) {
    const { text } = await scrape(gateway.adminUrl, accept)
    const secrets = [...canaries, ...token.split('.'), anAuthenticationToken().slice(8), adminToken]
    for (const secret of secrets) t.notOk(text.toLowerCase().includes(secret.toLowerCase()), secret)
  }
})

t.test('the metrics need no token, and the listener of clients does not have them', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startGateway(t, aConfig(recorder.url, { admin }))
  t.equal((await askAdmin(gateway.adminUrl, '/metrics', { token: null })).status, 200)
  t.equal((await send({ ...at(gateway.url), path: '/metrics' })).status, 401)
  t.equal(refusalOf(await askAdmin(gateway.adminUrl, '/metrics', { body: {} })), '405 method_not_allowed')
})

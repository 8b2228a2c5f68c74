import type { Test } from 'tap'
import { aPost, aRequest } from '../fixtures/live-token.ts'
import { type Fronted, forwardedTargets, refused, send, stopped, valuesOf } from './front-scenarios.ts'

const origin = 'Origin: https://shop.example'

/** The first request that the authorizer is asked about is one too many. */
export async function checkLimit(t: Test, fronted: Fronted): Promise<void> {
  const { answer, forwarded } = await send(t, fronted, aRequest({ lines: [origin] }))
  t.same([answer.status, answer.field('retry-after'), forwarded.length], [429, '7', 0])
  t.equal(JSON.parse(answer.body).errors[0].code, 'too_many_requests')
  t.equal(answer.field('access-control-allow-origin'), 'https://shop.example', 'a page can read it')
}

export async function checkRefusals(t: Test, fronted: Fronted): Promise<void> {
  for (const [name, message, status, code] of refused) {
    const method = message.slice(0, message.indexOf(' '))
    const { answer, forwarded } = await send(t, fronted, message, method)
    t.same([answer.status, JSON.parse(answer.body).errors[0].code, forwarded.length], [status, code, 0], name)
    t.same(Object.keys(JSON.parse(answer.body)), ['path', 'errors'], name)
    t.equal(answer.field('content-type'), 'application/json', name)
    t.ok(answer.field('x-request-id'), `${name} has a request id`)
    t.equal(answer.field('x-forage-status'), undefined)
    t.equal(answer.field('x-forage-reason'), undefined)
    if (status === 401) t.match(answer.field('www-authenticate'), /^Bearer realm="forage"/)
  }
}

export async function checkForwarded(t: Test, fronted: Fronted): Promise<void> {
  for (const target of forwardedTargets) {
    const { answer, forwarded } = await send(t, fronted, aRequest({ target }))
    t.same([answer.status, forwarded.map(each => each.target)], [200, [target]], target)
  }
  const lines = [...stopped, origin, 'Merchant-Account: mid/1', 'Idempotency-Key: k', 'X-Empty:', 'X-A: \u00e9\tb']
  const { answer, forwarded } = await send(t, fronted, aRequest({ lines: [...lines, 'X-Forwarded-For: 198.51.100.9'] }))
  const [request] = forwarded
  if (!request) throw new Error('nothing was forwarded')
  for (const line of stopped.filter(each => !each.startsWith('X-Request-Id')))
    t.same(valuesOf(request, line.slice(0, line.indexOf(':'))), [], line)
  for (const [name, value] of [
    ['host', 'api.sandbox.joinforage.app'],
    ['x-forwarded-for', '127.0.0.1'],
    ['x-forwarded-proto', 'http'],
    ['x-forwarded-host', 'gateway.test'],
    ['x-request-id', answer.field('x-request-id')],
    ['merchant-account', 'mid/1'],
    ['idempotency-key', 'k'],
    ['x-empty', ''],
    ['x-a', '\u00e9\tb'],
  ] as const)
    t.same(valuesOf(request, name), [value], name)
  t.match(valuesOf(request, 'traceparent'), [/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/])
  t.same(
    request.fields.filter((name, index) => index % 2 === 0 && /^x-forage/i.test(name)),
    [],
    'nothing of what the front was told travels on',
  )
  t.equal(answer.field('access-control-allow-origin'), 'https://shop.example')
  const ids = answer.lines.filter(([name]) => name.toLowerCase() === 'x-request-id')
  t.match(ids, [[/./, /^[0-9a-f]{32}$/]], 'the gateway’s, once, in place of the upstream’s')
}

export async function checkAnswers(t: Test, fronted: Fronted): Promise<void> {
  const missing = await send(t, fronted, aRequest({ target: '/api/orders/missing/' }))
  t.same([missing.answer.status, missing.answer.body], [401, '{"ok":true}'], 'the upstream’s own 401 passes')
  const traceparent = 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const traced = await send(t, fronted, aRequest({ lines: [traceparent, 'tracestate: a=b'] }))
  const [request] = traced.forwarded
  t.same(request && valuesOf(request, 'tracestate'), ['a=b'])
  t.match(request && valuesOf(request, 'traceparent'), [/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/])
  const asking = [origin, 'Access-Control-Request-Method: GET']
  const lines = ['Host: a', ...asking].join('\r\n')
  const preflight = await send(t, fronted, `OPTIONS /api/orders/abc/ HTTP/1.1\r\n${lines}\r\n\r\n`)
  t.same([preflight.answer.status, preflight.forwarded.length], [204, 0])
  t.equal(preflight.answer.field('access-control-allow-methods'), 'POST, GET, PATCH')
  t.equal(preflight.answer.field('access-control-allow-origin'), 'https://shop.example')
}

export async function checkBodies(t: Test, fronted: Fronted): Promise<void> {
  const whole = 'x'.repeat(900_000)
  for (const [message, size] of [
    [aPost('{}'), 2],
    [aPost(whole), 900_000],
    [aPost('{}', ['Expect: 100-continue']), 2],
    [inChunks('2\r\n{}\r\n0\r\n\r\n'), 2],
  ] as const) {
    const { answer, forwarded } = await send(t, fronted, message)
    t.same([answer.status, forwarded.map(({ body }) => body.length)], [200, [size]])
  }
  const large = inChunks(`${(1_100_000).toString(16)}\r\n${'x'.repeat(1_100_000)}\r\n0\r\n\r\n`)
  const { answer, forwarded } = await send(t, fronted, large)
  t.same([answer.status, forwarded.length], [413, 0], 'the upstream never has all of it')
  t.equal(JSON.parse(answer.body).errors[0].code, 'invalid_request')
}

function inChunks(body: string): string {
  return aRequest({ method: 'POST', target: '/api/payments/', lines: ['Transfer-Encoding: chunked'], body })
}

/** The last check: it ends the authorizer. */
export async function checkFailsClosed(t: Test, fronted: Fronted): Promise<void> {
  const secret = 'sandbox_in_a_query'
  fronted.authorizer.stop()
  const { answer, forwarded } = await send(t, fronted, aRequest({ target: `/api/orders/abc/?a=${secret}` }))
  t.same([answer.status, answer.field('retry-after'), forwarded.length], [503, '1', 0])
  t.equal(JSON.parse(answer.body).errors[0].code, 'service_unavailable')
  t.ok(answer.field('x-request-id'))
  t.notMatch(fronted.front.output(), secret, 'no log has a query')
  t.notMatch(fronted.front.output(), 'Bearer')
}

import t from 'tap'
import { noClientLimits } from '../../src/gate/client-limits.ts'
import { fronts } from '../../src/hosts/forward-auth-front.ts'
import { aLiveToken } from '../fixtures/live-token.ts'
import { type Answer, openRaw } from '../fixtures/raw-connection.ts'
import { anAuthenticationToken } from '../fixtures/token.ts'
import { aQuestion, askingFor } from './forward-auth-question.ts'
import { startForwardAuth } from './forward-auth-server.ts'

const cors = { origins: ['https://shop.example'] }
const origin = ['Origin', 'https://shop.example'] as const

/** The answer as the client of the front gets it; nginx makes it from fields. */
function toClient(front: string, { status, field, body }: Answer): { status: number; body: string } {
  if (front !== 'nginx') return { status, body }
  return { status: Number(field('x-forage-status')), body: field('x-forage-body') ?? '' }
}

for (const front of fronts) {
  t.test(`${front}: allowed is exactly 200 without a body, with every field to set, empty ones too`, async t => {
    const authorizer = await startForwardAuth(t, front)
    const client = await openRaw(t, authorizer.url)
    client.send(aQuestion(front, { added: [['tracestate', 'a=b']] }))
    const { status, body, field, lines } = await client.answer()
    t.same([status, body, field('content-length')], [200, '', '0'])
    t.same(['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'].map(field), [
      '192.0.2.7',
      'https',
      'gateway.test',
    ])
    t.match(field('x-request-id'), /^[0-9a-f]{32}$/)
    t.match(field('traceparent'), /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
    for (const name of ['tracestate', 'access-control-allow-origin', 'access-control-expose-headers', 'vary'])
      t.equal(field(name), '', name)
    const names = lines.map(([name]) => name.toLowerCase())
    t.equal(new Set(names).size, names.length, 'each in one line')
    t.match(authorizer.stories, [{ status: 200, reason: undefined, decision: { outcome: 'allow' } }])
  })

  t.test(`${front}: an allowed request of a page takes the trace and the CORS fields with it`, async t => {
    const authorizer = await startForwardAuth(t, front, {}, { cors })
    const client = await openRaw(t, authorizer.url)
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    client.send(aQuestion(front, { added: [origin, ['tracestate', 'a=b'], ['Tracestate', 'c=d']] }))
    t.equal((await client.answer()).field('tracestate'), '', 'no state without its trace')
    const added = [origin, ['traceparent', traceparent], ['tracestate', 'a=b'], ['Tracestate', 'c=d']] as const
    client.send(aQuestion(front, { added }))
    const { field } = await client.answer()
    t.match(field('traceparent'), /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/)
    t.equal(field('tracestate'), 'a=b,c=d')
    t.equal(field('access-control-allow-origin'), 'https://shop.example')
    t.equal(field('vary'), 'Origin')
  })

  t.test(`${front}: each kind of refusal comes out with its status, envelope and fields`, async t => {
    const limits = { ...noClientLimits, admit: (address: string) => (address === '192.0.2.99' ? 7 : 0) }
    const blocked: string[] = []
    const onBlockedCredential = (_head: unknown, { reason }: { readonly reason: string }) => blocked.push(reason)
    const authorizer = await startForwardAuth(t, front, { onBlockedCredential }, { limits, cors })
    const client = await openRaw(t, authorizer.url)
    const expired = aLiveToken({ exp: Math.floor(Date.now() / 1000) - 600 })
    for (const [changes, status, code, challenge, retryAfter] of [
      [{ authorization: '' }, 401, 'unauthorized', 'Bearer realm="forage"'],
      [
        { authorization: `Bearer ${expired}` },
        401,
        'expired_session_token',
        'Bearer realm="forage", error="invalid_token"',
      ],
      [{ authorization: `Bearer ${anAuthenticationToken()}` }, 403, 'authentication_token_not_allowed', undefined],
      [askingFor(front, 'GET', '/o/token/'), 403, 'forbidden', undefined],
      [askingFor(front, 'GET', '/api/%2e/'), 400, 'invalid_request', undefined],
      [askingFor(front, 'GET', `/${'a'.repeat(8192)}`), 414, 'invalid_request', undefined],
      [{ added: [['X-A', 'a'.repeat(16_384)]] as const }, 431, 'invalid_request', undefined],
      [{ changed: { 'X-Forwarded-For': '192.0.2.99' } }, 429, 'too_many_requests', undefined, '7'],
    ] as const) {
      client.send(aQuestion(front, { ...changes, added: [...('added' in changes ? changes.added : []), origin] }))
      const answer = await client.answer()
      const told = toClient(front, answer)
      t.equal(told.status, status)
      t.equal(JSON.parse(told.body).errors[0].code, code)
      t.same([answer.field('www-authenticate'), answer.field('retry-after')], [challenge, retryAfter])
      t.equal(answer.field('cache-control'), 'no-store')
      t.match(answer.field('x-request-id'), /^[0-9a-f]{32}$/)
      t.equal(answer.field('access-control-allow-origin'), 'https://shop.example')
      t.equal(answer.field('x-forage-reason') !== undefined, front === 'nginx', 'clients do not learn the reason')
      t.equal(authorizer.stories.at(-1)?.status, status)
    }
    t.same(blocked, ['authentication_token'])
  })

  t.test(`${front}: a preflight is answered, and is no leave to forward it`, async t => {
    const authorizer = await startForwardAuth(t, front, {}, { cors })
    const client = await openRaw(t, authorizer.url)
    const asking = askingFor(front, 'OPTIONS', '/api/orders/abc/')
    client.send(
      aQuestion(front, { ...asking, authorization: '', added: [origin, ['Access-Control-Request-Method', 'GET']] }),
    )
    const { status, body, field } = await client.answer()
    // Envoy takes 200 only for leave.
    t.same([status, field('x-forage-status')], front === 'envoy' ? [204, undefined] : [403, '204'])
    t.same([body, field('access-control-allow-methods')], ['', 'POST, GET, PATCH'])
    t.match(authorizer.stories, [{ status: 204, decision: { outcome: 'preflight' } }])
  })
}

t.test('a path that no field could carry is escaped in the body that nginx is handed', async t => {
  const authorizer = await startForwardAuth(t, 'nginx')
  const client = await openRaw(t, authorizer.url)
  client.send(aQuestion('nginx', askingFor('nginx', 'GET', '/api/\u00e9"\\\t/')))
  const { field } = await client.answer()
  t.match(field('x-forage-body'), /^\{"path":"\/api\/\\u00e9\\"\\\\\\t\/",/)
  t.equal(JSON.parse(field('x-forage-body') ?? '').path, '/api/\u00e9"\\\t/')
})

t.test('Envoy is told which fields to remove', async t => {
  const authorizer = await startForwardAuth(t, 'envoy')
  const client = await openRaw(t, authorizer.url)
  client.send(
    aQuestion('envoy', {
      added: [
        ['Cookie', 'a=b'],
        ['X-Real-IP', '1'],
        ['Connection', 'X-A'],
        ['X-A', '1'],
      ],
    }),
  )
  const { field } = await client.answer()
  t.equal(field('x-envoy-auth-headers-to-remove'), 'cookie,x-real-ip,x-a,tracestate')
})

t.test('a request for a session token is refused: a front has no use for one', async t => {
  const authorizer = await startForwardAuth(t, 'caddy', {}, { issuing: { merchantAccount: 'mid/1' } })
  const client = await openRaw(t, authorizer.url)
  const asking = askingFor('caddy', 'POST', '/session_token')
  client.send(aQuestion('caddy', { ...asking, added: [['Merchant-Account', 'mid/1']] }))
  t.equal((await client.answer()).status, 403)
  t.match(authorizer.stories, [{ reason: 'route_not_allowed', decision: { outcome: 'issue' } }])
})

t.test('a fault of ours is 500 and no leave, whether the gate throws at once or later', async t => {
  for (const decide of [
    () => {
      throw new Error('lost')
    },
    () => Promise.reject(new Error('lost')),
  ]) {
    const authorizer = await startForwardAuth(t, 'caddy', { gate: { decide } })
    const client = await openRaw(t, authorizer.url)
    client.send(aQuestion('caddy'))
    const { status, body } = await client.answer()
    t.same([status, JSON.parse(body).errors[0].code], [500, 'server_error'])
    t.equal(authorizer.faults.length, 1)
  }
})

t.test('an overloaded gateway gives no leave, and one that shuts down ends its connections', async t => {
  const busy = await startForwardAuth(t, 'nginx', { isOverloaded: () => true })
  const asking = await openRaw(t, busy.url)
  asking.send(aQuestion('nginx'))
  const refused = await asking.answer()
  t.same([refused.status, refused.field('x-forage-status'), refused.field('retry-after')], [403, '503', '1'])
  const ending = await startForwardAuth(t, 'nginx', { isDraining: () => true })
  const last = await openRaw(t, ending.url)
  last.send(aQuestion('nginx'))
  t.same([(await last.answer()).status, await last.closed], [200, ''])
})

t.test('what is no HTTP message is refused, told once, and ends the connection', async t => {
  const authorizer = await startForwardAuth(t, 'caddy')
  for (const message of ['GET /decide HTTP/1.1\nHost: a\n\n', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n']) {
    const client = await openRaw(t, authorizer.url)
    client.send(message)
    t.equal((await client.answer()).status, 400)
    await client.closed
  }
  t.same(
    authorizer.stories.map(({ reason }) => reason),
    ['field_invalid', 'upgrade_not_supported'],
  )
})

t.test('a body that comes with a question is not looked at, and the connection goes on', async t => {
  const authorizer = await startForwardAuth(t, 'traefik')
  const client = await openRaw(t, authorizer.url)
  const asking = { ...askingFor('traefik', 'POST', '/api/payments/'), method: 'POST' }
  client.send(`${aQuestion('traefik', { ...asking, added: [['Content-Length', '2']] })}{}${aQuestion('traefik')}`)
  t.same([(await client.answer()).status, (await client.answer()).status], [200, 200])
})

import { createServer, type RequestListener } from 'node:http'
import express, { type Express, type Request } from 'express'
import t, { type Test } from 'tap'
import { guard } from '../../src/hosts/connect.ts'
import { aGuardedGate, anAllowed, inChunks, lastChunk } from '../fixtures/guarded.ts'
import { exchangeRaw } from '../fixtures/raw-connection.ts'
import { listenOnLoopback } from '../fixtures/recorder.ts'

const codeOf = (body: string) => JSON.parse(body).errors[0].code
const tell = (request: Request, response: { json(body: object): unknown }) =>
  response.json({ url: request.url, method: request.method, body: request.body, scope: request.forage?.scope })

async function startExpress(t: Test, build: (app: Express) => void): Promise<string> {
  // It would print what a handler throws.
  const app = express().set('env', 'test')
  build(app)
  return listenOnLoopback(t, createServer(app))
}

async function makeGuard(more: object = {}) {
  return guard({ gate: await aGuardedGate(), maxBodyBytes: 100, ...more })
}

t.test('a guard on a mount path decides about what the client sent, whatever is left of it for handlers', async t => {
  const forage = await makeGuard()
  const url = await startExpress(t, app => {
    app.get('/', (_request, response) => void response.send('open'))
    app.use('/api', forage, tell)
  })
  const answer = await exchangeRaw(t, url, anAllowed())
  t.match(JSON.parse(answer.body), { url: '/orders/abc/', scope: 'orders' })
  t.equal((await exchangeRaw(t, url, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).body, 'open', 'other paths are not guarded')
  const refused = await exchangeRaw(t, url, anAllowed([], '', '/api/sessions/'))
  t.same([refused.status, JSON.parse(refused.body).path], [403, '/api/sessions/'])
  t.equal((await exchangeRaw(t, url, anAllowed([], '', '/API/orders/abc/'))).status, 403, 'a path has one case')
})

t.test('with decideOn url, what is left behind the mount path is decided about', async t => {
  const forage = await makeGuard({ decideOn: 'url' })
  const url = await startExpress(t, app => void app.use('/forage', forage, tell))
  t.equal((await exchangeRaw(t, url, anAllowed([], '', '/forage/api/orders/abc/'))).status, 200)
  t.equal((await exchangeRaw(t, url, anAllowed([], '', '/forage/forage/api/orders/abc/'))).status, 403)
})

for (const [name, rewritten] of [
  ['to another route', '/api/payments/'],
  ['to nothing', ''],
] as const) {
  t.test(`a target that a middleware rewrote ${name} before the guard has two readings`, async t => {
    const forage = await makeGuard()
    const url = await listenOnLoopback(
      t,
      createServer((request, response) => {
        Object.assign(request, { originalUrl: request.url, url: rewritten })
        forage(request, response, () => t.fail('it was let through'))
      }),
    )
    const answer = await exchangeRaw(t, url, anAllowed())
    t.same([answer.status, codeOf(answer.body), answer.field('connection')], [400, 'invalid_request', 'close'])
  })
}

t.test('a method that a middleware overrode before the guard has two readings', async t => {
  const forage = await makeGuard()
  const override: RequestListener = request => {
    Object.assign(request, { originalMethod: request.method, method: 'GET' })
  }
  const url = await startExpress(t, app => {
    app.use((request, response, next) => {
      override(request, response)
      next()
    })
    app.use(forage, tell)
  })
  const answer = await exchangeRaw(t, url, anAllowed(['Content-Length: 2'], '{}', '/api/payments/'))
  t.same([answer.status, codeOf(answer.body)], [400, 'invalid_request'])
})

t.test('body parsers behind the guard read bodies of both framings, and none that is too long', async t => {
  const forage = await makeGuard()
  const url = await startExpress(t, app => void app.use(forage, express.text({ type: () => true }), tell))
  const announced = await exchangeRaw(t, url, anAllowed(['Content-Length: 3'], 'abc'))
  const chunked = await exchangeRaw(t, url, inChunks('a', 'bc') + lastChunk)
  t.same(
    [announced, chunked].map(({ body }) => JSON.parse(body).body),
    ['abc', 'abc'],
  )
  const long = await exchangeRaw(t, url, inChunks('x'.repeat(101)) + lastChunk)
  t.same([long.status, codeOf(long.body)], [413, 'invalid_request'])
})

t.test('a body that was parsed before the guard is still there behind it', async t => {
  const forage = await makeGuard()
  const url = await startExpress(t, app => void app.use(express.text({ type: () => true }), forage, tell))
  for (const message of [anAllowed(['Content-Length: 3'], 'abc'), inChunks('abc') + lastChunk]) {
    t.match(JSON.parse((await exchangeRaw(t, url, message)).body), { body: 'abc', scope: 'payments' })
  }
})

t.test('HEAD and OPTIONS, which Express answers by GET routes and by itself, are decided about first', async t => {
  const forage = await makeGuard()
  const url = await startExpress(t, app => void app.use(forage).get('/api/orders/abc/', tell))
  for (const method of ['HEAD', 'OPTIONS']) {
    t.equal((await exchangeRaw(t, url, anAllowed().replace('GET', method), method)).status, 403)
  }
})

t.test('trust proxy has no say about the address of a client', async t => {
  const forage = await makeGuard()
  const url = await startExpress(t, app => {
    app.set('trust proxy', true)
    app.use(forage, (request, response) => void response.json([request.forage?.clientAddress, request.ip]))
  })
  const answer = await exchangeRaw(t, url, anAllowed(['X-Forwarded-For: 10.0.0.1']))
  t.same(JSON.parse(answer.body), ['127.0.0.1', '127.0.0.1'])
})

t.test('a handler that fails behind the guard is Express’s to answer', async t => {
  const forage = await makeGuard()
  const url = await startExpress(t, app => {
    app.use(forage, () => {
      throw new TypeError('no')
    })
  })
  const answer = await exchangeRaw(t, url, anAllowed())
  t.same([answer.status, answer.field('content-type')], [500, 'text/html; charset=utf-8'])
})

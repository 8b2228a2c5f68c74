import fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyServerOptions } from 'fastify'
import t, { type Test } from 'tap'
import { guard } from '../../src/hosts/fastify.ts'
import type { RequestStory } from '../../src/observability/request-story.ts'
import { aGuardedGate, anAllowed, inChunks, lastChunk } from '../fixtures/guarded.ts'
import { exchangeRaw, openRaw } from '../fixtures/raw-connection.ts'

const codeOf = (body: string) => JSON.parse(body).errors[0].code

async function startFastify(
  t: Test,
  build: (app: FastifyInstance, options: { readonly gate: Awaited<ReturnType<typeof aGuardedGate>> }) => Promise<void>,
  options: FastifyServerOptions = {},
): Promise<string> {
  const app = fastify(options)
  t.teardown(() => app.close())
  await build(app, { gate: await aGuardedGate() })
  return app.listen({ port: 0, host: '127.0.0.1' })
}

/** In a part of the application. */
const within = (app: FastifyInstance, part: FastifyPluginAsync) => app.register(part)

t.test('a route behind the guard is told what was found out, and parses bodies as ever', async t => {
  const stories: RequestStory[] = []
  const url = await startFastify(t, async (app, options) => {
    await app.register(guard, { ...options, observe: story => stories.push(story) })
    t.equal(app.forage.sessions, null)
    app.post('/api/payments/', async ({ body, forage }) => ({
      body,
      scope: forage?.scope,
      template: forage?.route.template,
    }))
  })
  const lines = ['Content-Type: application/json', 'Content-Length: 7']
  const answer = await exchangeRaw(t, url, anAllowed(lines, '{"a":1}'))
  t.same(JSON.parse(answer.body), { body: { a: 1 }, scope: 'payments', template: '/api/payments/' })
  t.equal(answer.field('x-request-id')?.length, 32)
  const chunked = inChunks('{"a"', ':1}').replace('Transfer', 'Content-Type: application/json\r\nTransfer')
  t.match(JSON.parse((await exchangeRaw(t, url, chunked + lastChunk)).body), { body: { a: 1 } })
  t.match(stories, [
    { status: 200, bytesIn: 7 },
    { status: 200, bytesIn: 7 },
  ])
})

t.test('a target without a route is refused by the guard, and never found missing by Fastify', async t => {
  const url = await startFastify(t, async (app, options) => void (await app.register(guard, options)))
  const answer = await exchangeRaw(t, url, 'GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n')
  t.same([answer.status, codeOf(answer.body)], [401, 'unauthorized'])
  t.equal((await exchangeRaw(t, url, anAllowed())).status, 404, 'what is allowed may still not be there')
})

t.test('children that are there before the guard are behind it, too', async t => {
  const url = await startFastify(t, async (app, options) => {
    await within(app, async child => void child.get('/early', async () => 'open'))
    await app.register(guard, options)
    await within(app, async child => void child.get('/late', async () => 'open'))
  })
  for (const target of ['/early', '/late']) {
    t.equal((await exchangeRaw(t, url, `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)).status, 401)
  }
})

t.test('a guard that a part of an application registers guards that part', async t => {
  const url = await startFastify(t, async (app, options) => {
    app.get('/open', async ({ raw }) => ({ guarded: raw.forage !== undefined }))
    await within(app, async part => {
      await part.register(guard, options)
      part.get('/api/orders/:ref/', async ({ forage }) => forage?.scope)
    })
  })
  t.equal((await exchangeRaw(t, url, anAllowed())).body, 'orders')
  t.equal((await exchangeRaw(t, url, anAllowed([], '', '/api/orders/abc/').replace('Bearer', 'Basic'))).status, 403)
  t.same(JSON.parse((await exchangeRaw(t, url, 'GET /open HTTP/1.1\r\nHost: a\r\n\r\n')).body), { guarded: false })
})

t.test('two guards may stand one behind the other', async t => {
  const url = await startFastify(t, async (app, options) => {
    await app.register(guard, options)
    await within(app, async part => {
      await part.register(guard, options)
      part.get('/api/orders/:ref/', async () => 'ok')
    })
  })
  t.equal((await exchangeRaw(t, url, anAllowed())).body, 'ok')
})

t.test('a body in chunks that is too long is answered with 413 while Fastify waits for it', async t => {
  const url = await startFastify(t, async (app, options) => {
    await app.register(guard, { ...options, maxBodyBytes: 100 })
    app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
    app.post('/api/payments/', async () => 'ok')
    app.get('/api/orders/:ref/', async () => 'ok')
  })
  t.equal((await exchangeRaw(t, url, anAllowed())).body, 'ok', 'the token is known from here on')
  const answer = await exchangeRaw(t, url, inChunks('x'.repeat(60), 'x'.repeat(41)) + lastChunk)
  t.same([answer.status, codeOf(answer.body)], [413, 'invalid_request'])
})

t.test('a target that Fastify rewrote has two readings', async t => {
  const url = await startFastify(
    t,
    async (app, options) => {
      await app.register(guard, options)
      app.get('/api/payments/', async () => 'ok')
    },
    { rewriteUrl: () => '/api/payments/' },
  )
  const answer = await exchangeRaw(t, url, anAllowed())
  t.same([answer.status, codeOf(answer.body)], [400, 'invalid_request'])
})

t.test('a preflight of a listed page is answered with 204 before any route', async t => {
  const gate = await aGuardedGate({ cors: { origins: ['https://shop.example'] } })
  const url = await startFastify(t, async app => void (await app.register(guard, { gate })))
  const fields = 'Host: a\r\nOrigin: https://shop.example\r\nAccess-Control-Request-Method: POST\r\n'
  const answer = await exchangeRaw(t, url, `OPTIONS /api/payments/ HTTP/1.1\r\n${fields}\r\n`)
  t.same([answer.status, answer.field('access-control-allow-origin')], [204, 'https://shop.example'])
})

t.test('what never becomes a request is answered in the envelope', async t => {
  const url = await startFastify(t, async (app, options) => void (await app.register(guard, options)))
  const client = await openRaw(t, url)
  client.send('nonsense\r\n\r\n')
  t.equal(codeOf((await client.answer()).body), 'invalid_request')
})

t.test('Fastify over HTTP/2 is not guarded: the plugin is not registered', async t => {
  const app = fastify({ http2: true })
  t.teardown(() => app.close())
  await t.rejects(async () => app.register(guard as never, { gate: await aGuardedGate() }), { name: 'TypeError' })
})

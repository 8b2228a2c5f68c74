import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import type { Gate } from '../../src/gate/decide.ts'
import type { Decision } from '../../src/gate/decision.ts'
import { guard } from '../../src/hosts/connect.ts'
import { aConfig } from '../fixtures/config.ts'
import {
  aGuardedGate,
  anAllowed,
  authorization,
  inChunks,
  lastChunk,
  measuring,
  startGuarded,
} from '../fixtures/guarded.ts'
import { aLiveToken } from '../fixtures/live-token.ts'
import { logFileIn } from '../fixtures/log-file.ts'
import { exchangeRaw, openRaw } from '../fixtures/raw-connection.ts'
import { listenOnLoopback } from '../fixtures/recorder.ts'
import { issue } from '../fixtures/story.ts'
import { testSecret } from '../fixtures/token.ts'

const codeOf = (body: string) => JSON.parse(body).errors[0].code
const ok = (_request: IncomingMessage, response: ServerResponse) => void response.end('ok')

t.test('a handler is told what was found out, and reads what the decision left', async t => {
  let seen: IncomingMessage | undefined
  const { url, story } = await startGuarded(t, (request, response) => {
    seen = request
    response.writeHead(200, { 'Content-Length': 2 }).end('ok')
  })
  const lines = ['X-Real-IP: 10.0.0.1', 'X-Note: a', 'X-Note: b', 'Cookie: a=b', 'Expect: 100-continue']
  const answer = await exchangeRaw(t, url, anAllowed(lines))
  t.same([answer.status, answer.field('x-request-id')], [200, seen?.forage?.requestId])
  t.match(seen?.forage, {
    session: { environment: 'sandbox', format: 'jwt' },
    scope: 'orders',
    route: { method: 'GET', template: '/api/orders/{ref}/' },
    traceId: /^[0-9a-f]{32}$/,
    clientAddress: '127.0.0.1',
  })
  t.notMatch(JSON.stringify(seen?.forage), /eyJ/)
  const { headers, headersDistinct, rawHeaders = [] } = seen as IncomingMessage
  t.match(headers, { host: 'shop.test', 'x-note': 'a, b', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' })
  t.same([headers['x-real-ip'], headers.cookie, headers.expect], [undefined, undefined, undefined])
  t.match(headersDistinct, { 'x-note': ['a', 'b'], 'x-request-id': [seen?.forage?.requestId] })
  t.same([headersDistinct.cookie, rawHeaders.includes('Cookie')], [undefined, false])
  t.match(await story(0), { status: 200, reason: undefined, bytesIn: 0, bytesOut: 2, decision: { outcome: 'allow' } })
})

t.test('a body in chunks passes to the last octet that is allowed', async t => {
  const { url, story } = await startGuarded(t, measuring)
  const answer = await exchangeRaw(t, url, inChunks('x'.repeat(60), 'x'.repeat(40)) + lastChunk)
  t.same([answer.status, answer.body], [200, '100'])
  t.match(await story(0), { status: 200, bytesIn: 100 })
})

t.test('one octet more is answered with 413, and the handler sees no end of it', async t => {
  let fault: unknown
  let late: unknown
  const { url, story } = await startGuarded(t, (request, response) => {
    measuring(request, response).catch(error => {
      fault = error.code
      // As handlers do: Node would throw on each of these.
      response.setHeader('X-Late', '1')
      response
        .appendHeader('X-Late', '2')
        .writeHead(500)
        .write('late', () => {
          late = 'called back'
        })
      response.removeHeader('X-Late')
      response.flushHeaders()
      response.end('late')
    })
  })
  await exchangeRaw(t, url, anAllowed())
  const client = await openRaw(t, url)
  client.send(inChunks('x'.repeat(60), 'x'.repeat(41)))
  const answer = await client.answer()
  t.same([answer.status, codeOf(answer.body), answer.field('connection')], [413, 'invalid_request', 'close'])
  t.equal(answer.field('x-late'), undefined)
  client.send(lastChunk)
  t.equal(await client.closed, '')
  t.match(await story(1), { status: 413, reason: 'body_too_large', bytesIn: 101 })
  while (late === undefined) await new Promise(setImmediate)
  t.same([fault, late], ['ERR_STREAM_PREMATURE_CLOSE', 'called back'])
})

t.test('one octet more ends the connection when the handler has begun to answer', async t => {
  const { url, story } = await startGuarded(t, (request, response) => {
    response.writeHead(200)
    pipeline(request, response).catch(() => {})
  })
  const client = await openRaw(t, url)
  client.send(inChunks('x'.repeat(60)))
  while (!(await Promise.race([client.closed, once(client.socket, 'data')]))) {}
  client.send(`29\r\n${'x'.repeat(41)}\r\n${lastChunk}`)
  const got = await client.closed
  t.match(got, /^HTTP\/1\.1 200 OK/)
  t.notMatch(got, /\r\n0\r\n\r\n$/, 'the answer does not look whole')
  t.match(await story(0), { status: 200, reason: 'body_too_large' })
})

t.test('one octet more that came while the token was verified is refused before the handler is asked', async t => {
  const { url, story } = await startGuarded(t, () => t.fail('it was let through'))
  t.equal((await exchangeRaw(t, url, inChunks('x'.repeat(60), 'x'.repeat(41)))).status, 413)
  t.match(await story(0), { status: 413, reason: 'body_too_large' })
})

t.test('a handler that never reads is answered for, too', async t => {
  const { url } = await startGuarded(t, ({ method }, response) => {
    if (method === 'GET') response.writeHead(200, { 'Content-Length': 0 }).end()
  })
  await exchangeRaw(t, url, anAllowed())
  const answer = await exchangeRaw(t, url, inChunks('x'.repeat(101)))
  t.equal(answer.status, 413)
})

for (const [when, isKnown] of [
  ['while its token is verified', false],
  ['while it is handled', true],
] as const) {
  t.test(`a body that turns out not to be well formed ${when} is refused`, async t => {
    const { url, story } = await startGuarded(t, (request, response) => {
      if (request.method === 'GET') response.writeHead(200, { 'Content-Length': 0 }).end()
      else if (isKnown) measuring(request, response).catch(() => {})
      else t.fail('it was let through')
    })
    if (isKnown) await exchangeRaw(t, url, anAllowed())
    const client = await openRaw(t, url)
    client.send(`${inChunks('xx')}nonsense\r\n`)
    const answer = await client.answer()
    t.same([answer.status, codeOf(answer.body)], [400, 'invalid_request'])
    t.match(await story(isKnown ? 1 : 0), { reason: 'field_invalid', decision: { outcome: 'allow' } })
  })
}

t.test('what is malformed behind a request that is being answered is refused after its answer', async t => {
  const pending: ServerResponse[] = []
  const { url, story } = await startGuarded(t, (_request, response) => void pending.push(response))
  const client = await openRaw(t, url)
  client.send(`${anAllowed()}nonsense\r\n\r\n`)
  while (pending.length === 0) await new Promise(setImmediate)
  await new Promise(setImmediate)
  pending[0]?.writeHead(200, { 'Content-Length': 2 }).end('ok')
  t.same([(await client.answer()).body, (await client.answer()).status], ['ok', 400])
  const told = [await story(0), await story(1)].map(({ status, reason }) => `${status} ${reason}`)
  t.same(told.toSorted(), ['200 undefined', '400 method_invalid'])
})

t.test('without guardServer, what Node’s parser refuses is answered by Node, and reaches nobody', async t => {
  const { url, stories } = await startGuarded(t, () => t.fail('it reached the handler'), { isMalformedGuarded: false })
  const client = await openRaw(t, url)
  client.send('nonsense\r\n\r\n')
  t.equal(await client.closed, 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
  t.same(stories, [])
})

t.test('a client that goes away before its answer is told of with 499', async t => {
  const { url, story } = await startGuarded(t, () => {})
  const client = await openRaw(t, url)
  client.send(anAllowed() + anAllowed([], '', '/api/orders/next/'))
  while (!client.socket.bytesWritten) await new Promise(setImmediate)
  await new Promise(resolve => setTimeout(resolve, 20))
  client.socket.destroy()
  t.match([await story(0), await story(1)], [{ status: 499 }, { status: 499 }])
})

t.test('a client that went away while its token was verified is not let through', async t => {
  let settle = (_decision: Decision): void => {}
  const sound = await aGuardedGate()
  const head = { clientAddress: '', scheme: 'http', ids: { requestId: '', traceId: '', spanId: '' } } as const
  const fields = ['Host', 'shop.test', ...authorization.split(': ')]
  const gate: Gate = {
    decide: () =>
      new Promise(resolve => {
        settle = resolve
      }),
  }
  const { url, story } = await startGuarded(t, () => t.fail('it was let through'), { gate })
  const client = await openRaw(t, url)
  client.send(anAllowed())
  await new Promise(resolve => setTimeout(resolve, 20))
  client.socket.destroy()
  await new Promise(resolve => setTimeout(resolve, 20))
  settle(await sound.decide({ ...head, method: 'GET', target: '/api/orders/abc/', fields }))
  t.match(await story(0), { status: 499 })
})

t.test('a request that a timer answered while its token was verified goes no further', async t => {
  const { url, story } = await startGuarded(t, () => t.fail('it was let through'), {
    gate: {
      decide: () =>
        new Promise(resolve => {
          pending?.writeHead(503, { 'Content-Length': 0 }).end()
          resolve(issue)
        }),
    },
    before: response => {
      pending = response
    },
  })
  let pending: ServerResponse | undefined
  t.equal((await exchangeRaw(t, url, anAllowed())).status, 503)
  t.equal((await story(0)).status, 503)
})

t.test('Vary of a handler before the guard stays beside that of the guard', async t => {
  const gate = await aGuardedGate({ cors: { origins: ['https://a.example'] } })
  const { url } = await startGuarded(t, measuring, { gate, before: response => response.setHeader('Vary', 'Accept') })
  const answer = await exchangeRaw(t, url, anAllowed())
  const vary = answer.lines.filter(([name]) => name === 'Vary').map(([, value]) => value)
  t.same(vary, ['Accept', 'Origin'])
})

for (const [how, decide] of [
  [
    'throws',
    () => {
      throw new RangeError('no')
    },
  ],
  ['rejects', () => Promise.reject(new RangeError('no'))],
] as const) {
  t.test(`a gate that ${how} costs one request, and the fault is told`, async t => {
    const { url, faults, story } = await startGuarded(t, ok, { gate: { decide } })
    const answer = await exchangeRaw(t, url, anAllowed())
    t.same([answer.status, codeOf(answer.body)], [500, 'server_error'])
    t.match(faults, [{ name: 'RangeError' }])
    t.match(await story(0), { reason: 'internal_fault' })
  })
}

t.test('a handler that throws at once is answered for with 500', async t => {
  const { url, faults } = await startGuarded(t, () => {
    throw new TypeError('no')
  })
  t.equal((await exchangeRaw(t, url, anAllowed())).status, 500)
  t.match(faults, [{ name: 'TypeError' }])
})

t.test(
  'a request that undici took the socket from, as from every body that it sends, is told of and ended as any',
  async t => {
    const { url, story } = await startGuarded(t, (request, response) => {
      Object.assign(request, { socket: null })
      if (request.method === 'GET') response.writeHead(200, { 'Content-Length': 0 }).end()
    })
    t.equal((await exchangeRaw(t, url, anAllowed())).status, 200)
    t.equal((await exchangeRaw(t, url, inChunks('x'.repeat(101)))).status, 413)
    t.match([await story(0), await story(1)], [{ status: 200 }, { status: 413 }])
  },
)

t.test('a wish for a session token is no route of a guard', async t => {
  const { url } = await startGuarded(t, ok, { gate: { decide: () => issue } })
  t.equal((await exchangeRaw(t, url, anAllowed())).status, 403)
})

t.test('a request that somebody has answered already goes no further', async t => {
  const forage = await guard({ gate: await aGuardedGate(), onFault: error => t.match(error, { name: 'TypeError' }) })
  const url = await listenOnLoopback(
    t,
    createServer((request, response) => {
      response.writeHead(200)
      response.flushHeaders()
      forage(request, response, () => t.fail('it went on'))
    }),
  )
  const client = await openRaw(t, url)
  client.send(anAllowed())
  t.notMatch(await client.closed, /\r\n0\r\n\r\n$/)
})

t.test('a guard that is met twice decides once, and anew about another target', async t => {
  const decided: string[] = []
  const sound = await aGuardedGate()
  const gate: Gate = {
    decide(head) {
      decided.push(head.target)
      return sound.decide(head)
    },
  }
  const forage = await guard({ gate })
  const url = await listenOnLoopback(
    t,
    createServer((request, response) =>
      forage(request, response, () =>
        forage(request, response, () => {
          request.url = '/api/sessions/'
          forage(request, response, () => t.fail('it went on'))
        }),
      ),
    ),
  )
  t.equal((await exchangeRaw(t, url, anAllowed())).status, 403)
  t.same(decided, ['/api/orders/abc/', '/api/sessions/'])
})

t.test('two guards decide one after the other, and the fields are there once', async t => {
  const [first, second] = [await guard({ gate: await aGuardedGate() }), await guard({ gate: await aGuardedGate() })]
  let lines: readonly string[] = []
  const url = await listenOnLoopback(
    t,
    createServer((request, response) =>
      first(request, response, () =>
        second(request, response, () => {
          lines = request.rawHeaders.filter((_, index) => index % 2 === 0)
          response.writeHead(200, { 'Content-Length': 0 }).end()
        }),
      ),
    ),
  )
  t.equal((await exchangeRaw(t, url, anAllowed())).status, 200)
  t.equal(new Set(lines).size, lines.length)
})

t.test('fields of an answer that will not be sent do not travel with a refusal; others do', async t => {
  const forage = await guard({ gate: await aGuardedGate() })
  const url = await listenOnLoopback(
    t,
    createServer((request, response) => {
      response.setHeader('Content-Encoding', 'gzip').setHeader('Strict-Transport-Security', 'max-age=1')
      response.statusMessage = 'Fine'
      forage(request, response, () => t.fail('it was let through'))
    }),
  )
  const answer = await exchangeRaw(t, url, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  t.same([answer.status, answer.reason], [401, 'Unauthorized'])
  t.same([answer.field('content-encoding'), answer.field('strict-transport-security')], [undefined, 'max-age=1'])
})

t.test('HTTP/2 is not answered at all: its framing is another one', async t => {
  const faults: unknown[] = []
  const forage = await guard({ gate: await aGuardedGate(), onFault: error => faults.push(error) })
  const server = createHttp2Server((request, response) =>
    forage(request as never, response as never, () => t.fail('it was let through')),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  t.teardown(() => {
    client.destroy()
    server.close()
  })
  const stream = client.request({ ':path': '/api/orders/abc/' })
  stream.on('error', () => {})
  await once(stream, 'close')
  t.match(faults, [{ name: 'TypeError' }])
})

/** A configuration in a file, as the gateway takes it. */
function writeConfig(folder: string, more: object = {}): string {
  writeFileSync(join(folder, 'session.secret'), testSecret)
  const file = join(folder, 'gateway.yaml')
  const session = { verify: 'signature', jwt: { secret: { file: 'session.secret' } } }
  const policy = { file: resolve('config/policy.yaml') }
  writeFileSync(file, JSON.stringify({ environment: 'sandbox', session, policy, ...more }))
  return file
}

const live = () => anAllowed().replace(authorization, `Authorization: Bearer ${aLiveToken()}`)

t.test('a guard of a configuration file decides, limits and logs as it says, and ends sessions', async t => {
  const folder = t.testdir()
  const { log } = logFileIn(folder)
  const limits = { perSession: { requests: 2, windowSec: 60 } }
  const forage = await guard({ config: writeConfig(folder, { log, limits, cors: { origins: ['https://a.example'] } }) })
  const handle = (response: ServerResponse) => response.writeHead(200, { 'Content-Length': 0 }).end()
  const server = createServer((request, response) => forage(request, response, () => handle(response)))
  const url = await listenOnLoopback(t, server)
  const message = live()
  const statuses = []
  for (let count = 0; count < 3; count++) statuses.push((await exchangeRaw(t, url, message)).status)
  t.same(statuses, [200, 200, 429])
  const token = /Bearer (\S+)/.exec(message)?.[1] as string
  t.equal(forage.sessions?.revoke({ token }), 'revoked')
  const answer = await exchangeRaw(t, url, message.replace('\r\n\r\n', '\r\nOrigin: https://a.example\r\n\r\n'))
  t.same([answer.status, answer.field('access-control-allow-origin')], [401, 'https://a.example'])
  await forage.close()
  const lines = logFileIn(folder).lines()
  t.match(lines.at(-1), { reason: 'token_revoked', status: 401, request_id: answer.field('x-request-id') })
})

t.test('a guard of a loaded configuration tells of its own faults in the log', async t => {
  const folder = t.testdir()
  const { log } = logFileIn(folder)
  const forage = await guard({ config: aConfig('http://127.0.0.1:9', { log }) })
  const url = await listenOnLoopback(
    t,
    createServer((request, response) =>
      forage(request, response, () => {
        throw new TypeError('a secret')
      }),
    ),
  )
  t.equal((await exchangeRaw(t, url, live())).status, 500)
  const faulty = await exchangeRaw(t, url, live().replace('HTTP/1.1', 'HTTP/2.0'))
  t.equal(faulty.status, 400)
  await forage.close()
  t.match(logFileIn(folder).lines(), [
    { error_name: 'TypeError' },
    { reason: 'internal_fault' },
    { reason: 'field_invalid' },
  ])
  t.notMatch(logFileIn(folder).text(), /a secret/)
})

t.test('a configuration that is wrong makes no guard', async t => {
  await t.rejects(guard({ config: writeConfig(t.testdir(), { environment: 'nowhere' }) }), {
    code: 'ERR_FORAGE_CONFIG',
  })
})

t.test('a client behind a trusted proxy is known by its own address', async t => {
  let address: string | undefined
  const forage = await guard({ gate: await aGuardedGate(), trustedProxies: ['127.0.0.0/8'] })
  const url = await listenOnLoopback(
    t,
    createServer((request, response) =>
      forage(request, response, () => {
        address = request.forage?.clientAddress
        response.writeHead(200, { 'Content-Length': 0 }).end()
      }),
    ),
  )
  await exchangeRaw(t, url, anAllowed(['X-Forwarded-For: 198.51.100.7']))
  t.equal(address, '198.51.100.7')
  await forage.close()
})

/** What a module loads before anything is asked of it: our files, and the packages that they name. */
function loadedBy(file: string, files = new Set<string>(), packages = new Set<string>()) {
  if (files.has(file)) return { files, packages }
  files.add(file)
  const statement = /^(?:import|export)\s+(?!type\b)(?:[^'"();]*?\sfrom\s+)?'([^']+)'/gm
  for (const [, to = ''] of readFileSync(file, 'utf8').matchAll(statement)) {
    if (to.startsWith('.')) loadedBy(join(dirname(file), to), files, packages)
    else if (!to.startsWith('node:')) packages.add(to)
  }
  return { files, packages }
}

t.test('a guard over a gate loads no framework, and nothing that reads a configuration, logs or forwards', async t => {
  for (const name of ['connect', 'fastify', 'http-proxy']) {
    const { files, packages } = loadedBy(`src/hosts/${name}.ts`)
    t.ok(files.has('src/gate/reasons.ts'), 'the lines are really read')
    t.same([...packages], [])
    t.same(
      [...files].filter(file => /^src\/(?:config|admin|state|issuing|limits)\//.test(file)),
      [],
    )
  }
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createUpstream } from '../src/forwarding/upstream.ts'
import type { Decision } from '../src/gate/decision.ts'
import { createGateFromConfig, createGateway } from '../src/gateway.ts'
import { createStandalone } from '../src/hosts/standalone.ts'
import { createAccessLog } from '../src/observability/access-log.ts'
import { logFault } from '../src/observability/fault-log.ts'
import { openLogger } from '../src/observability/logger.ts'
import { createRequestIds } from '../src/observability/request-ids.ts'
import { aConfig } from './fixtures/config.ts'
import { startGateway } from './fixtures/gateway.ts'
import { aRequest } from './fixtures/live-token.ts'
import { aLog, logFileIn } from './fixtures/log-file.ts'
import { exchangeRaw } from './fixtures/raw-connection.ts'
import { listenOnLoopback, startRecorder } from './fixtures/recorder.ts'

t.test('a gateway has an address once it has started, and none before and after', async t => {
  const recorder = await startRecorder(t)
  const gateway = await createGateway(aConfig(recorder.url))
  t.equal(gateway.url, '')
  await gateway.start()
  t.match(gateway.url, /^http:\/\/127\.0\.0\.1:\d+$/)
  await gateway.stop()
  t.equal(gateway.url, '')
})

t.test('an IPv6 address is written in brackets', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startGateway(t, aConfig(recorder.url, { listen: { ...aConfig('').listen, host: '::1' } }))
  t.match(gateway.url, /^http:\/\/\[::1\]:\d+$/)
})

for (const [name, listen, code, sentence] of [
  [
    'an address that this machine does not have',
    { host: '192.0.2.1', port: 0 },
    'EADDRNOTAVAIL',
    /no such address. Set listen.host/,
  ],
  [
    'a name that does not resolve',
    { host: 'no-such-name.invalid', port: 0 },
    'ENOTFOUND',
    /does not resolve. Set listen.host/,
  ],
] as const) {
  t.test(`listening on ${name} says what is wrong and what to set`, async t => {
    const gateway = await createGateway(aConfig('http://127.0.0.1:9', { listen: { ...aConfig('').listen, ...listen } }))
    t.teardown(() => gateway.stop())
    await t.rejects(gateway.start(), { code: 'ERR_FORAGE_LISTEN', message: sentence, cause: { code } })
  })
}

t.test('a port that is in use says so and what to do', async t => {
  const other = createServer().listen(0, '127.0.0.1')
  t.teardown(() => void other.close())
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const gateway = await createGateway(
    aConfig('http://127.0.0.1:9', { listen: { ...aConfig('').listen, host: '127.0.0.1', port } }),
  )
  t.teardown(() => gateway.stop())
  await t.rejects(gateway.start(), {
    code: 'ERR_FORAGE_LISTEN',
    message: `Cannot listen on 127.0.0.1 port ${port}: another program uses it. Stop that program, or set listen.port (0 picks a free one).`,
  })
})

t.test('a log that cannot be opened ends the making of the gateway', async t => {
  const log = aLog(join(t.testdir(), 'missing', 'a.log'))
  await t.rejects(createGateway(aConfig('http://127.0.0.1:9', { log })), { code: 'ERR_FORAGE_LOG' })
})

t.test('the decision alone runs on the clock that it is given', async t => {
  const gate = await createGateFromConfig(aConfig('http://127.0.0.1:9'), () => 0)
  const { decide } = gate
  const ids = createRequestIds()()
  const head = { method: 'GET', target: '/', fields: ['Host', 'a'], clientAddress: '', scheme: 'http', ids } as const
  t.match(await decide(head), { outcome: 'deny', reason: 'credentials_missing' })
})

/** A gateway whose gate fails for targets that say how. */
async function startFaulty(t: Test, api: string) {
  const file = logFileIn(t.testdir())
  const { logger, drain } = openLogger(file.log)
  const sound = await createGateFromConfig(aConfig(api))
  const { upstream } = aConfig(api)
  const server = createStandalone({
    gate: {
      decide(head) {
        const secret = `4111111111111111 of ${head.target}`
        if (head.target.includes('throws')) throw new TypeError(secret)
        if (head.target.includes('rejects')) return Promise.reject(new RangeError(secret))
        if (head.target.includes('nonsense'))
          return Promise.resolve({ outcome: 'deny', reason: 'unheard_of' } as unknown as Decision)
        return sound.decide(head)
      },
    },
    upstream: createUpstream({ ...upstream, origin: api, maxBodyBytes: null }),
    observe: createAccessLog({ logger, environment: 'sandbox', hashKey: Buffer.alloc(32) }),
    onFault: (error, requestId) => logFault(logger, error, requestId),
    onUnauthorized() {},
    nextIds: createRequestIds(),
    maxHeaderBytes: 16_384,
    isDraining: () => false,
  })
  return { url: await listenOnLoopback(t, server), file, drain }
}

for (const [how, error] of [
  ['throws', 'TypeError'],
  ['rejects', 'RangeError'],
  ['nonsense', 'TypeError'],
] as const) {
  t.test(
    `a gate that ${how} costs one request: 500, a line without the message, and the next request is served`,
    async t => {
      const recorder = await startRecorder(t)
      const { url, file, drain } = await startFaulty(t, recorder.url)
      const answer = await exchangeRaw(t, url, aRequest({ target: `/api/orders/${how}/` }))
      t.equal(answer.status, 500)
      t.match(JSON.parse(answer.body), { errors: [{ code: 'server_error', source: { resource: 'Gateway', ref: '' } }] })
      t.notMatch(answer.body, /4111111111111111|TypeError/)
      t.equal((await exchangeRaw(t, url, aRequest({}))).status, 200)
      await drain()
      const request_id = answer.field('x-request-id')
      const [fault, line] = file.lines()
      t.match(fault, { level: 'error', request_id, error_name: error, msg: 'internal fault' })
      t.match(line, { level: 'error', request_id, status: 500, reason: 'internal_fault', decision: 'deny' })
      t.notMatch(file.text(), /4111111111111111/)
    },
  )
}

t.test('request ids of many answers are all different, and equal to those of their lines', async t => {
  const recorder = await startRecorder(t)
  const file = logFileIn(t.testdir())
  const gateway = await startGateway(t, aConfig(recorder.url, { log: file.log }))
  const messages = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? aRequest({}) : 'garbage\r\n\r\n'))
  const answers = await Promise.all(messages.map(message => exchangeRaw(t, gateway.url, message)))
  await gateway.stop()
  const answered = answers.map(answer => answer.field('x-request-id'))
  t.equal(new Set(answered).size, 60)
  t.same(new Set(file.lines().map(line => line.request_id)), new Set(answered))
})

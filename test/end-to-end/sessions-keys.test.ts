import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config/load-config.ts'
import { startClockedGateway } from '../fixtures/clocked-gateway.ts'
import { aConfig, aSessionConfig } from '../fixtures/config.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { at, send } from '../fixtures/http-client.ts'
import { createJwtSigner } from '../fixtures/jwt-signer.ts'
import { published, startKeyServer } from '../fixtures/key-server.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { someKeys } from '../fixtures/sessions.ts'
import { aTimestampedToken } from '../fixtures/timestamped-token.ts'
import { aToken, testSecret } from '../fixtures/token.ts'
import { withoutLimits } from '../fixtures/without-limits.ts'

const start = 1_800_000_000

/** Status and code of the answer to reading an order with a token. */
async function read(url: string, token: string): Promise<string> {
  const headers = { Authorization: `Bearer ${token}` }
  const { status, text } = await send({ ...at(url), path: '/api/orders/9kx72hbd31/', headers })
  return status === 200 ? '200' : `${status} ${JSON.parse(text).errors[0].code}`
}

t.test('a secret is replaced in its file while requests run, and no valid request is refused', async t => {
  const recorder = await startRecorder(t)
  const [old, fresh] = ['kX9vQ2mZr7Lp4Ws8Tn1By6Hd3Jf5Gc0e', 'pR3nC8sV1xM6bK0yF7uJ2wE9tL4hZ5aG']
  const folder = t.testdir({ one: old, two: old })
  const file = join(folder, 'gateway.yaml')
  const session = { verify: 'signature', jwt: { secret: [{ file: 'one' }, { file: 'two' }] } }
  const document = {
    environment: 'sandbox',
    listen: { host: '127.0.0.1', port: 0 },
    admin: null,
    ...withoutLimits(recorder.url),
    session,
    policy: { file: resolve('config/policy.yaml') },
    log: { level: 'silent' },
  }
  writeFileSync(file, JSON.stringify(document))
  const gateway = await startGateway(t, loadConfig(file, {}))
  let count = 0
  const made = (secret: string) =>
    aToken({ secret: Buffer.from(secret), claims: { a: ++count, exp: Math.floor(Date.now() / 1000) + 600 } })
  const [oldToken, freshToken] = [made(old), made(fresh)]

  /** Requests with tokens that must pass, cached and new ones, until another one gets the answer that is awaited. */
  async function runUntil(token: string, answer: string, valid: () => readonly string[]): Promise<void> {
    for (const endsAt = performance.now() + 15_000; performance.now() < endsAt; ) {
      for (const text of valid()) t.equal(await read(gateway.url, text), '200')
      if ((await read(gateway.url, token)) === answer) return
    }
    t.fail(`never ${answer}`)
  }
  t.equal(await read(gateway.url, freshToken), '401 invalid_token')
  writeFileSync(join(folder, 'two'), fresh)
  await runUntil(freshToken, '200', () => [oldToken, made(old)])
  writeFileSync(join(folder, 'one'), 'half of i')
  for (let round = 0; round < 50; round++)
    t.equal(await read(gateway.url, made(old)), '200', 'an unfit file changes nothing')
  writeFileSync(join(folder, 'one'), fresh)
  await runUntil(oldToken, '401 invalid_token', () => [freshToken, made(fresh)])
})

const edges: readonly (readonly [claims: object, at: number, answer: string])[] = [
  [{ exp: start + 600 }, start + 599, '200'],
  [{ exp: start + 600 }, start + 600, '200'],
  [{ exp: start + 600 }, start + 604, '200'],
  [{ exp: start + 600 }, start + 605, '401 expired_session_token'],
  [{ exp: start + 600 }, start + 606, '401 expired_session_token'],
  [{ exp: start + 600, nbf: start + 60 }, start + 54, '401 invalid_token'],
  [{ exp: start + 600, nbf: start + 60 }, start + 55, '200'],
  [{ exp: start + 600, nbf: start + 60 }, start + 56, '200'],
  [{ exp: start + 600, iat: start + 60 }, start + 54, '401 invalid_token'],
  [{ exp: start + 600, iat: start + 60 }, start + 55, '200'],
  [{ exp: start + 905 }, start - 1, '401 invalid_token'],
  [{ exp: start + 905 }, start, '200'],
]

t.test(
  'over sockets, every edge of a token is where it belongs, for a new token and for one that is known',
  async t => {
    const recorder = await startRecorder(t)
    const clock = { now: start }
    const url = await startClockedGateway(t, aConfig(recorder.url), () => clock.now)
    for (const [index, [claims, time, answer]] of edges.entries()) {
      const what = `${JSON.stringify(claims)} at ${time - start}`
      clock.now = time
      t.equal(await read(url, aToken({ claims: { a: index, ...claims } })), answer, what)
    }
    const known = aToken({ claims: { exp: start + 600 } })
    for (const [time, answer] of [
      [start, '200'],
      [start + 604, '200'],
      [start + 605, '401 expired_session_token'],
      [start + 604, '200'],
    ] as const) {
      clock.now = time
      t.equal(await read(url, known), answer)
    }
  },
)

t.test('over sockets, a timestamped token ends after 15 minutes and the tolerance', async t => {
  const recorder = await startRecorder(t)
  const clock = { now: start }
  const timestamped = {
    salt: 'itsdangerous.Signer',
    digest: 'sha256',
    keyDerivation: 'django-concat',
    signsPrefix: false,
  } as const
  const session = aSessionConfig({ timestamped, keys: { ...someKeys, timestampedSecrets: [testSecret] } })
  const url = await startClockedGateway(t, aConfig(recorder.url, { session }), () => clock.now)
  for (const [time, answer] of [
    [start - 6, '401 invalid_token'],
    [start - 5, '200'],
    [start + 904, '200'],
    [start + 905, '401 expired_session_token'],
  ] as const) {
    clock.now = time
    t.equal(await read(url, aTimestampedToken({ issuedAt: start })), answer)
  }
})

const outages = {
  down: { status: 500, body: '' },
  'of garbage': { status: 200, body: '<html>' },
  empty: { status: 200, body: '{"keys":[]}' },
  huge: { status: 200, body: ' '.repeat(2 * 1024 * 1024) },
  'that hangs': 'hang',
} as const

for (const [what, outage] of Object.entries(outages)) {
  t.test(`a key server ${what} refuses nobody whose key is known, and comes back by itself`, async t => {
    const recorder = await startRecorder(t)
    const [one, two] = [createJwtSigner('ES256'), createJwtSigner('ES256')]
    const server = await startKeyServer(t, [{ ...one.jwk, kid: '1' }])
    const clock = { now: start }
    const jwt = { algorithms: ['ES256'], issuer: null, audience: null, jwksUrl: server.url } as const
    const session = aSessionConfig({ jwt, keys: { ...someKeys, jwtSecrets: [] } })
    const url = await startClockedGateway(t, aConfig(recorder.url, { session }), () => clock.now)
    let count = 0
    const made = (signer: typeof one, kid: string) =>
      signer.token({ header: { alg: 'ES256', kid }, claims: { a: ++count, exp: clock.now + 600 } })

    t.equal(await read(url, made(one, '1')), '200')
    server.answer = outage
    for (const later of [30, 600, 3600, 86_399]) {
      clock.now = start + later
      t.equal(await read(url, made(one, '1')), '200', `${later} seconds later`)
    }
    server.answer = published([
      { ...one.jwk, kid: '1' },
      { ...two.jwk, kid: '2' },
    ])
    server.release()
    clock.now += 30
    // The fetch that hung has ended with the new set, or a new one is made.
    let answer = await read(url, made(two, '2'))
    for (let round = 0; answer !== '200' && round < 100; round++) {
      clock.now += 30
      answer = await read(url, made(two, '2'))
    }
    t.equal(answer, '200', 'the new key is there')
    t.equal(await read(url, made(one, '1')), '200', 'and the old one while it is published')

    server.answer = published([{ ...two.jwk, kid: '2' }])
    clock.now += 600
    await read(url, made(two, '3'))
    t.equal(await read(url, made(one, '1')), '401 invalid_token', 'a key that is gone is dead')
    t.equal(await read(url, made(two, '2')), '200')
  })
}

t.test('1,000 tokens of unknown keys cause one fetch per cooldown at most, and good ones pass meanwhile', async t => {
  const recorder = await startRecorder(t)
  const signer = createJwtSigner('ES256')
  const server = await startKeyServer(t, [{ ...signer.jwk, kid: '1' }])
  const clock = { now: start }
  const jwt = { algorithms: ['ES256'], issuer: null, audience: null, jwksUrl: server.url } as const
  const session = aSessionConfig({ jwt, keys: { ...someKeys, jwtSecrets: [] } })
  const url = await startClockedGateway(t, aConfig(recorder.url, { session }), () => clock.now)
  const made = (kid: string) => signer.token({ header: { alg: 'ES256', kid }, claims: { exp: start + 600 } })
  t.equal(await read(url, made('1')), '200')
  t.equal(server.fetches(), 1)
  const flood = async (name: string) => {
    for (let index = 0; index < 500; index += 50) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, each) => read(url, made(`${name}-${index + each}`))),
      )
      t.same(new Set(answers), new Set(['401 invalid_token']))
      t.equal(await read(url, made('1')), '200')
    }
  }
  clock.now += 29
  await flood('early')
  t.equal(server.fetches(), 1, '29 seconds after the first fetch')
  clock.now += 1
  await flood('late')
  t.equal(server.fetches(), 2, '30 seconds after it')
})

t.test('where keys were never to be had, requests get 503 and none passes', async t => {
  const recorder = await startRecorder(t)
  const server = await startKeyServer(t, [])
  const jwt = { algorithms: ['ES256'], issuer: null, audience: null, jwksUrl: server.url } as const
  const session = aSessionConfig({ jwt, keys: { ...someKeys, jwtSecrets: [] } })
  const url = await startClockedGateway(t, aConfig(recorder.url, { session }), () => start)
  const token = createJwtSigner('ES256').token({ claims: { exp: start + 600 } })
  for (let round = 0; round < 3; round++) t.equal(await read(url, token), '503 service_unavailable')
  t.equal(server.fetches(), 1)
  t.equal(recorder.requests.length, 0)
})

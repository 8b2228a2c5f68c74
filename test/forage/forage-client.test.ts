import t, { type Test } from 'tap'
import { createForageClient, type ForageClientOptions } from '../../src/forage/forage-client.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { type Bench, startBench, startOfTime } from '../fixtures/simulator-client.ts'

function clientOf(t: Test, origin: string, options: Partial<ForageClientOptions> = {}) {
  const client = createForageClient({ origin, connectTimeoutMs: 3000, timeoutMs: 5000, ...options })
  t.teardown(() => client.close())
  return client
}

async function startWithClient(t: Test) {
  const bench = await startBench(t, { environment: 'sandbox' })
  const { simulator, clock } = bench
  const client = clientOf(t, simulator.url, { now: () => clock.now })
  const { clientId, clientSecret, merchantAccount } = simulator
  return { ...bench, client, credentials: { clientId, clientSecret }, merchantAccount }
}

const week = { scope: 'pinpad_only', expirationSec: 604_800 }

async function statusOf({ ask }: Bench, token: string): Promise<number> {
  return (await ask({ path: '/api/payments/', token })).status
}

t.test('a merchant server’s day: a token, a session from it, and the end of both', async t => {
  const { client, credentials, merchantAccount, ...bench } = await startWithClient(t)
  const issued = await client.createAuthenticationToken({ ...credentials, ...week })
  t.match(issued, { token: /^sandbox_[A-Za-z0-9]{30}$/, expiresAt: startOfTime + 604_800 })
  const { token } = issued as { token: string }
  const session = await client.createSessionToken({ authenticationToken: token, merchantAccount })
  t.match(session, { token: /^sandbox_.+\..+\..+$/ })
  t.equal(await statusOf(bench, (session as { token: string }).token), 200)
  t.same(await client.revokeAuthenticationToken({ ...credentials, token }), { isRevoked: true })
  t.equal(await statusOf(bench, (session as { token: string }).token), 401)
  t.same(
    await client.revokeAuthenticationToken({ ...credentials, token }),
    { isRevoked: true },
    'once more is no fault',
  )
  t.match(await client.createSessionToken({ authenticationToken: token, merchantAccount }), {
    fault: 'credentials_refused',
    status: 401,
    isTokenRefused: true,
  })
})

t.test('the token that would expire first is the one that is revoked first', async t => {
  const { client, credentials, ...bench } = await startWithClient(t)
  const late = bench.simulator.issueAuthenticationToken({ expiresInSec: 300 })
  const soon = bench.simulator.issueAuthenticationToken({ expiresInSec: 100 })
  t.same(await client.revokeOldest({ ...credentials, count: 1 }), { isRevoked: true })
  t.same([await statusOf(bench, late), await statusOf(bench, soon)], [200, 401])
})

t.test('lives and counts out of bounds are a mistake of the caller', async t => {
  const { client, credentials } = await startWithClient(t)
  for (const expirationSec of [86_399, 2_592_001, 86_400.5, Number.NaN])
    await t.rejects(client.createAuthenticationToken({ ...credentials, ...week, expirationSec }), TypeError)
  for (const expirationSec of [86_400, 2_592_000])
    t.match(await client.createAuthenticationToken({ ...credentials, ...week, expirationSec }), {
      expiresAt: startOfTime + expirationSec,
    })
  for (const count of [0, 1001, 1.5]) await t.rejects(client.revokeOldest({ ...credentials, count }), TypeError)
})

t.test('a client that Forage does not know, and another merchant, are refused', async t => {
  const { client, credentials, merchantAccount, simulator } = await startWithClient(t)
  const strange = { ...credentials, clientSecret: 'another' }
  const refused = {
    fault: 'credentials_refused',
    status: 401,
    mayHaveTakenEffect: false,
    upstreamCode: 'invalid_client',
  }
  t.same(await client.createAuthenticationToken({ ...strange, ...week }), refused)
  t.same(await client.revokeAuthenticationToken({ ...strange, token: 'x' }), refused)
  t.same(await client.revokeOldest({ ...strange, count: 1 }), refused)
  const authenticationToken = simulator.issueAuthenticationToken()
  t.match(await client.createSessionToken({ authenticationToken, merchantAccount: 'another' }), {
    fault: 'merchant_refused',
    status: 403,
  })
  t.match(await client.createSessionToken({ authenticationToken, merchantAccount }), { token: /^sandbox_/ })
})

t.test('the thousand and first token is one too many', async t => {
  const { client, credentials, simulator } = await startWithClient(t)
  for (let count = 0; count < 999; count++) simulator.issueAuthenticationToken()
  t.match(await client.createAuthenticationToken({ ...credentials, ...week }), { token: /^sandbox_/ })
  t.same(await client.createAuthenticationToken({ ...credentials, ...week }), {
    fault: 'token_limit',
    mayHaveTakenEffect: false,
    status: 400,
    upstreamCode: 'invalid_request',
  })
})

t.test('a request for a token is never repeated once it was sent; one for a session is', async t => {
  const { client, credentials, merchantAccount, simulator } = await startWithClient(t)
  const authenticationToken = simulator.issueAuthenticationToken()
  simulator.faults.resetNext = 1
  t.match(await client.createSessionToken({ authenticationToken, merchantAccount }), { token: /^sandbox_/ })
  simulator.faults.resetNext = 1
  const before = simulator.requestCount
  t.match(await client.createAuthenticationToken({ ...credentials, ...week }), {
    fault: 'unreachable',
    mayHaveTakenEffect: true,
  })
  t.equal(simulator.requestCount, before + 1)
})

t.test('what goes wrong at Forage has its name', async t => {
  const { client, credentials, simulator } = await startWithClient(t)
  const ask = () => client.createAuthenticationToken({ ...credentials, ...week })
  simulator.faults.throttle = 1
  t.match(await ask(), { fault: 'throttled', retryAfterSec: 1 })
  for (const status of [500, 502, 503, 504]) {
    simulator.faults.failNext = { status, html: status !== 500, count: 1 }
    t.match(await ask(), { fault: 'invalid_answer', status })
  }
  simulator.faults.resetMidBody = 1
  t.match(await ask(), { fault: /^(?:unreachable|invalid_answer)$/, mayHaveTakenEffect: true })
  t.match(await ask(), { token: /^sandbox_/ })
})

t.test('an answer that is no token is not taken for one', async t => {
  const bodies = ['', '{}', '{"access_token":"x"}', '{"token":"sandbox_0123456789"}']
  const recorder = await startRecorder(t, (_request, response) => void response.end(bodies.shift()))
  const client = clientOf(t, recorder.url)
  const credentials = { clientId: 'id', clientSecret: 'secret' }
  const invalid = { fault: 'invalid_answer', mayHaveTakenEffect: true, status: 200 }
  for (let count = 0; count < 3; count++)
    t.same(await client.createAuthenticationToken({ ...credentials, ...week }), invalid)
  const request = { authenticationToken: 'sandbox_x', merchantAccount: '1' }
  t.same(await client.createSessionToken(request), invalid, 'an authentication token where a session token belongs')
})

t.test('each request for a token has a connection of its own, sessions share theirs', async t => {
  const recorder = await startRecorder(t)
  const client = clientOf(t, recorder.url)
  const credentials = { clientId: 'id', clientSecret: 'secret' }
  for (let count = 0; count < 3; count++) await client.createAuthenticationToken({ ...credentials, ...week })
  t.equal(recorder.connections(), 3)
  const request = { authenticationToken: 'sandbox_x', merchantAccount: '1' }
  for (let count = 0; count < 10; count++) await client.createSessionToken(request)
  t.ok(recorder.connections() <= 5, `${recorder.connections()} connections`)
})

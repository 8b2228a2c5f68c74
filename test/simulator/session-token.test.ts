import t from 'tap'
import { mintJwt, mintTimestamped, verifySessionToken } from '../../src/simulator/session-token.ts'
import { json, refusal, startBench, startOfTime } from '../fixtures/simulator-client.ts'

const secret = 'test-secret-do-not-use'
const vector =
  'eyJhIjogMTAwMSwgInNrIjogIkFBRUNBd1FGQmdjSUNRb0xEQTBPRHc9PSIsICJ0IjogN30=.aHe7Tw.gsk5tSmrGnf_osGH9CIHQo_6sNmHGlEQkvqfEa4Jzp8'
const claims = { a: 1001, sk: 'AAECAwQFBgcICQoLDA0ODw==', t: 7 }

t.test('a timestamped token equals the synthetic vector byte for byte', async t => {
  t.equal(mintTimestamped('sandbox', claims, 1_752_677_199.9, secret), `sandbox_${vector}`)
})

t.test('a JWT equals the synthetic vector byte for byte', async t => {
  t.equal(
    mintJwt('sandbox', { a: 1001, exp: 1_752_678_099 }, secret),
    'sandbox_eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJhIjoxMDAxLCJleHAiOjE3NTI2NzgwOTl9.iMSNc2iRDjavi3hM_9yM97rnVIxNVGPdSxSc0RK9-zA',
  )
})

t.test('claims are written as Python writes them', async t => {
  const token = mintTimestamped('mock', { a: 1, b: [1, null, { c: 'é' }], d: undefined }, 0, secret)
  const payload = Buffer.from(token.slice('mock_'.length, token.indexOf('.')), 'base64url').toString()
  t.equal(payload, '{"a": 1, "b": [1, null, {"c": "\\u00e9"}]}')
})

for (const [age, state] of [
  [-1, 'expired'],
  [0, 'live'],
  [899, 'live'],
  [900, 'live'],
  [900.9, 'live'],
  [901, 'expired'],
] as const) {
  t.test(`a timestamped token is ${state} at the age of ${age} seconds`, async t => {
    t.same(verifySessionToken(vector, secret, startOfTime + age), { parentId: 1001, state })
  })
}

for (const [now, state] of [
  [899, 'live'],
  [899.9, 'live'],
  [900, 'expired'],
  [901, 'expired'],
] as const) {
  t.test(`a JWT whose exp is 900 is ${state} at ${now}`, async t => {
    const token = mintJwt('mock', { a: 5, exp: 900 }, secret).slice('mock_'.length)
    t.same(verifySessionToken(token, secret, now), { parentId: 5, state })
  })
}

t.test('a JWT is not valid before its nbf', async t => {
  const token = mintJwt('mock', { a: 5, exp: 900, nbf: 10 }, secret).slice('mock_'.length)
  t.equal(verifySessionToken(token, secret, 9)?.state, 'not_yet_valid')
  t.equal(verifySessionToken(token, secret, 10)?.state, 'live')
})

t.test('a JWT without exp is expired', async t => {
  const token = mintJwt('mock', { a: 5 }, secret).slice('mock_'.length)
  t.equal(verifySessionToken(token, secret, 1)?.state, 'expired')
})

t.test('a parent that is not an integer is no parent', async t => {
  const token = mintJwt('mock', { a: '5', exp: 900 }, secret).slice('mock_'.length)
  t.same(verifySessionToken(token, secret, 1), { parentId: Number.NaN, state: 'live' })
})

t.test('a signature with stray characters is accepted, as Python accepts it', async t => {
  t.equal(verifySessionToken(`${vector}!!`, secret, startOfTime)?.state, 'live')
})

const jwt = mintJwt('mock', { a: 5, exp: 900 }, secret).slice('mock_'.length)
const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${jwt.split('.')[1]}.`
const list = `${Buffer.from('[1]').toString('base64url')}.a.b`
const brokenClaims = mintJwt('mock', {}, secret)
  .slice('mock_'.length)
  .replace(/\.e30\./, '.W10.')

for (const [name, token] of Object.entries({
  'an empty text': '',
  'two parts': 'a.b',
  'four parts': `${vector}.x`,
  'a first part that is not JSON': 'a.b.c',
  'a first part that is a list': list,
  'another signature': vector.replace('.gsk5', '.gsk6'),
  'another time stamp': vector.replace('.aHe7Tw.', '.aHe7Tx.'),
  'a JWT with algorithm none': none,
  'a JWT with another payload': brokenClaims,
})) {
  t.test(`${name} is no session token`, async t => {
    t.equal(verifySessionToken(token, secret, 1), null)
  })
}

t.test('a JWT whose claims are no object is no session token', async t => {
  const token = mintJwt('mock', [] as unknown as Record<string, unknown>, secret).slice('mock_'.length)
  t.equal(verifySessionToken(token, secret, 1), null)
})

for (const [format, liveAge, deadAge] of [
  ['timestamped', 900, 901],
  ['jwt', 899, 900],
] as const) {
  t.test(`a ${format} token of the endpoint passes at ${liveAge} seconds and is expired at ${deadAge}`, async t => {
    const { simulator, clock, ask } = await startBench(t, { sessionTokenFormat: format })
    const parent = simulator.issueAuthenticationToken()
    const reply = await ask({ method: 'POST', path: '/api/session_token/', token: parent })
    t.equal(reply.status, 200)
    const token = String(json(reply).token)
    clock.now += liveAge
    t.equal((await ask({ path: '/api/payments/', token })).status, 200)
    clock.now += deadAge - liveAge
    const expired = await ask({ path: '/api/payments/', token })
    t.equal(expired.status, 401)
    t.equal(
      expired.text,
      '{"path":"/api/payments/","errors":[{"code":"expired_session_token","message":"This token has expired","source":{"resource":"Session_Token","ref":""}}]}',
    )
  })
}

t.test('both formats are accepted whichever the endpoint issues', async t => {
  const { simulator, ask } = await startBench(t)
  for (const format of ['jwt', 'timestamped'] as const) {
    const token = simulator.issueSessionToken({ format })
    t.equal((await ask({ path: '/api/payments/', token })).status, 200, format)
  }
})

t.test('a timestamped token carries parent, sixteen random bytes and the tenant', async t => {
  const { simulator } = await startBench(t)
  const token = simulator.issueSessionToken()
  const payload = JSON.parse(Buffer.from(token.slice('mock_'.length).split('.')[0] ?? '', 'base64url').toString())
  t.match(payload, { a: 1, sk: /^[A-Za-z0-9_-]{22}==$/, t: 47 })
  t.not(simulator.issueSessionToken(), token)
})

t.test('a revoked authentication token takes its session tokens with it, and no other', async t => {
  const { simulator, ask } = await startBench(t)
  const leaked = simulator.issueAuthenticationToken()
  const dead = simulator.issueSessionToken({ authenticationToken: leaked })
  const alive = simulator.issueSessionToken({ authenticationToken: simulator.issueAuthenticationToken() })
  simulator.revokeAuthenticationToken(leaked)
  t.same(refusal(await ask({ path: '/api/payments/', token: dead })), [401, 'invalid_token', 'Session_Token'])
  t.equal((await ask({ path: '/api/payments/', token: alive })).status, 200)
})

t.test('a session token dies with the life of its authentication token', async t => {
  const { simulator, clock, ask } = await startBench(t)
  const parent = simulator.issueAuthenticationToken({ expiresInSec: 60 })
  const token = simulator.issueSessionToken({ authenticationToken: parent })
  clock.now += 59
  t.equal((await ask({ path: '/api/payments/', token })).status, 200)
  clock.now += 1
  t.same(refusal(await ask({ path: '/api/payments/', token })), [401, 'invalid_token', 'Session_Token'])
})

t.test('a token can be issued with another time, environment and claims', async t => {
  const { simulator, ask } = await startBench(t)
  const old = simulator.issueSessionToken({ issuedAt: startOfTime - 901 })
  t.same(refusal(await ask({ path: '/api/payments/', token: old })), [401, 'expired_session_token', 'Session_Token'])
  const foreign = simulator.issueSessionToken({ environment: 'sandbox' })
  t.match(foreign, /^sandbox_/)
  t.same(refusal(await ask({ path: '/api/payments/', token: foreign })), [401, 'invalid_token', 'OAuth_Access_Tokens'])
  const orphan = simulator.issueSessionToken({ claims: { a: 999 } })
  t.same(refusal(await ask({ path: '/api/payments/', token: orphan })), [401, 'invalid_token', 'Session_Token'])
  const early = simulator.issueSessionToken({ format: 'jwt', claims: { nbf: startOfTime + 1 } })
  t.same(refusal(await ask({ path: '/api/payments/', token: early })), [401, 'invalid_token', 'Session_Token'])
})

t.test('no session token is issued for an authentication token that is not alive', async t => {
  const { simulator } = await startBench(t)
  t.throws(() => simulator.issueSessionToken({ authenticationToken: 'mock_x' }), { name: 'TypeError' })
})

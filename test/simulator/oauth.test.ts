import t from 'tap'
import type { Reply } from '../fixtures/http-client.ts'
import { type Bench, json, startBench } from '../fixtures/simulator-client.ts'

const form = 'application/x-www-form-urlencoded'

function askToken({ simulator, ask }: Bench, body: string, credentials?: string): Promise<Reply> {
  const pair = credentials ?? `${simulator.clientId}:${simulator.clientSecret}`
  const fields = { Authorization: `Basic ${Buffer.from(pair).toString('base64')}`, 'Content-Type': form }
  return ask({ method: 'POST', path: '/o/token/', body, fields })
}

t.test('client credentials give an authentication token for seven days', async t => {
  const bench = await startBench(t, { environment: 'sandbox' })
  const reply = await askToken(bench, 'grant_type=client_credentials')
  t.equal(reply.status, 200)
  t.match(json(reply), { token_type: 'Bearer', expires_in: 604_800, scope: 'hosted_checkout' })
  t.match(json(reply).access_token, /^sandbox_[A-Za-z0-9]{30}$/)
  t.equal(reply.fields['cache-control'], 'no-store')
  const path = '/api/session_token/'
  const session = await bench.ask({ method: 'POST', path, token: String(json(reply).access_token) })
  t.match(json(session).token, /^sandbox_/)
})

t.test('scope and expiration are taken from the request', async t => {
  const bench = await startBench(t)
  const reply = await askToken(bench, 'grant_type=client_credentials&scope=pinpad_only+reporting&expiration=86400')
  t.match(json(reply), { expires_in: 86_400, scope: 'pinpad_only reporting' })
})

for (const [body, status, error] of [
  ['', 400, 'invalid_request'],
  ['grant_type=password', 400, 'unsupported_grant_type'],
  ['grant_type=client_credentials&scope=everything', 400, 'invalid_scope'],
  ['grant_type=client_credentials&expiration=86399', 400, 'invalid_request'],
  ['grant_type=client_credentials&expiration=2592001', 400, 'invalid_request'],
  ['grant_type=client_credentials&expiration=soon', 400, 'invalid_request'],
] as const) {
  t.test(`a token request with "${body}" is answered ${status} ${error}`, async t => {
    const reply = await askToken(await startBench(t), body)
    t.equal(reply.status, status)
    t.equal(json(reply).error, error)
  })
}

t.test('thirty days are the longest life', async t => {
  const reply = await askToken(await startBench(t), 'grant_type=client_credentials&expiration=2592000')
  t.equal(reply.status, 200)
})

for (const credentials of ['', 'x', 'someone:else']) {
  t.test(`the client credentials "${credentials}" are refused`, async t => {
    const reply = await askToken(await startBench(t), 'grant_type=client_credentials', credentials)
    t.same([reply.status, reply.text], [401, '{"error":"invalid_client"}'])
    t.equal(reply.fields['www-authenticate'], 'Basic realm="api"')
  })
}

t.test('a token request without credentials, and one that is not a form, are refused as OAuth says', async t => {
  const { simulator, ask } = await startBench(t)
  t.equal((await ask({ method: 'POST', path: '/o/token/', token: null })).status, 401)
  const pair = Buffer.from(`${simulator.clientId}:${simulator.clientSecret}`).toString('base64')
  const fields = { Authorization: `Basic ${pair}` }
  const reply = await ask({ method: 'POST', path: '/o/token/', body: '{', fields })
  t.same([reply.status, json(reply).error], [400, 'invalid_request'])
})

t.test('a client holds 1000 live tokens and not one more', async t => {
  const bench = await startBench(t)
  const { simulator, clock } = bench
  for (let count = 0; count < 999; count += 1) simulator.issueAuthenticationToken({ expiresInSec: 100 })
  t.equal((await askToken(bench, 'grant_type=client_credentials')).status, 200)
  t.equal((await askToken(bench, 'grant_type=client_credentials')).status, 400)
  t.throws(() => simulator.issueAuthenticationToken(), { name: 'RangeError' })
  clock.now += 100
  t.equal((await askToken(bench, 'grant_type=client_credentials')).status, 200)
})

for (const kind of ['form', 'JSON'] as const) {
  t.test(`a token is revoked with a body that is ${kind}`, async t => {
    const { simulator, ask } = await startBench(t)
    const token = simulator.issueAuthenticationToken()
    const body = { client_id: simulator.clientId, client_secret: simulator.clientSecret, token }
    const sent = kind === 'JSON' ? body : new URLSearchParams(body).toString()
    const fields = { 'Content-Type': kind === 'JSON' ? 'application/json' : form }
    const reply = await ask({ method: 'POST', path: '/o/revoke_token/', token: null, body: sent, fields })
    t.equal(reply.status, 200)
    t.equal((await ask({ path: '/api/payments/', token })).status, 401)
  })
}

t.test('revoking needs the secret and a token, and does not tell whether the token was alive', async t => {
  const { simulator, ask } = await startBench(t)
  const client = { client_id: simulator.clientId, client_secret: simulator.clientSecret }
  const post = { method: 'POST', path: '/o/revoke_token/', token: null }
  t.equal((await ask({ ...post, body: { ...client, token: 'unknown' } })).status, 200)
  t.equal((await ask({ ...post, body: client })).status, 400)
  t.equal((await ask({ ...post, body: { ...client, client_secret: 'x', token: 'unknown' } })).status, 401)
})

t.test('bulk revocation takes the tokens that would expire first', async t => {
  const { simulator, ask } = await startBench(t)
  const late = simulator.issueAuthenticationToken({ expiresInSec: 300 })
  const soon = simulator.issueAuthenticationToken({ expiresInSec: 100 })
  const sooner = simulator.issueAuthenticationToken({ expiresInSec: 50 })
  const client = { client_id: simulator.clientId, client_secret: simulator.clientSecret }
  const post = { method: 'POST', path: '/o/bulk_revoke/', token: null }
  t.equal((await ask({ ...post, body: { ...client, revoke_count: 2 } })).status, 200)
  const statuses: number[] = []
  for (const token of [late, soon, sooner]) statuses.push((await ask({ path: '/api/payments/', token })).status)
  t.same(statuses, [200, 401, 401])
  for (const count of [0, 1001, 1.5, 'x', undefined]) {
    t.equal((await ask({ ...post, body: { ...client, revoke_count: count } })).status, 400, String(count))
  }
  t.equal((await ask({ ...post, body: { ...client, revoke_count: 1000 } })).status, 200)
  t.equal((await ask({ ...post, body: { revoke_count: 1 } })).status, 401)
})

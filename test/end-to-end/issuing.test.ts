import t from 'tap'
import { aPolicy } from '../fixtures/config.ts'
import { startIssuingGateway } from '../fixtures/issuing-gateway.ts'
import { createJwtSigner } from '../fixtures/jwt-signer.ts'

const card = { type: 'ebt', reusable: true, card: { number: '9999411111111111' } }
const codeOf = ({ status, text }: { status: number; text: string }) => `${status} ${JSON.parse(text).errors[0].code}`

t.test('a signed-in customer gets a session token, and pays with it through the gateway', async t => {
  const { issue, signIn, ask, simulator, log, gateway } = await startIssuingGateway(t)
  const reply = await issue(signIn())
  t.equal(reply.status, 200)
  const { token, expires_at: expiresAt, ...more } = JSON.parse(reply.text)
  t.same(more, {})
  t.match(token, /^sandbox_/)
  const seconds = (Date.parse(expiresAt) - Date.now()) / 1000
  t.ok(seconds > 890 && seconds <= 900, `${seconds} s`)

  const method = await ask(token, '/api/payment_methods/', card)
  t.equal(method.status, 201)
  const { ref } = JSON.parse(method.text)
  const balance = await ask(token, '/api/balance_sessions/', { payment_method: ref }, { 'Idempotency-Key': 'b-1' })
  t.equal(balance.status, 201, balance.text)
  t.equal((await ask(token, '/api/orders/0a1b2c3d4e/')).status, 200)
  t.same(
    simulator.executions.map(({ path }) => path),
    [
      '/o/token/',
      '/o/token/',
      '/api/session_token/',
      '/api/payment_methods/',
      '/api/balance_sessions/',
      '/api/orders/0a1b2c3d4e/',
    ],
  )
  await gateway.stop()
  const lines = log.lines().filter(({ msg }) => msg === 'request')
  t.match(lines[0], { route: '/session_token', decision: 'issue', status: 200, use_case: 'checkout' })
  const [{ customer }] = lines as [{ customer: string }]
  t.match(customer, /^[\w-]{16,}$/)
  for (const line of lines) t.match(line, { use_case: 'checkout', customer })
})

t.test('a token that Forage issued to somebody else with the same key is refused', async t => {
  const { simulator, read, sessionFor } = await startIssuingGateway(t)
  t.equal(await read(simulator.issueSessionToken()), '401 invalid_token')
  t.equal(await read(await sessionFor('checkout')), '200')
})

t.test('a session may do what its use case grants, and no more', async t => {
  const policy = aPolicy({
    scopes: { orders: ['GET /api/orders/{ref}/'], payment_methods: ['POST /api/payment_methods/'] },
    grants: { default: ['orders', 'payment_methods'], useCases: { balance: ['payment_methods'] } },
  })
  const { read, sessionFor } = await startIssuingGateway(t, {}, { policy })
  t.equal(await read(await sessionFor('balance')), '403 insufficient_scope')
  t.equal(await read(await sessionFor('checkout')), '200')
})

for (const [who, credentials, expected] of [
  ['with a token of another issuer', { iss: 'https://evil.example' }, '401 invalid_token'],
  ['with a token for another audience', { aud: 'shop' }, '401 invalid_token'],
  ['whose sign-in is over', { exp: 1_700_000_000 }, '401 invalid_token'],
  ['whose token names nobody', { sub: '' }, '401 invalid_token'],
] as const) {
  t.test(`a caller ${who} gets no session token`, async t => {
    const { issue, signIn, simulator } = await startIssuingGateway(t)
    const reply = await issue(signIn(credentials))
    t.equal(codeOf(reply), expected)
    t.match(reply.fields['www-authenticate'], 'error="invalid_token"')
    t.notOk(simulator.executions.some(({ path }) => path === '/api/session_token/'))
  })
}

t.test('a caller whose token somebody else signed gets no session token', async t => {
  const { issue, signIn } = await startIssuingGateway(t)
  t.equal(codeOf(await issue(signIn({}, createJwtSigner('ES256')))), '401 invalid_token')
  t.equal(codeOf(await issue('not-a-key-of-the-backend')), '401 invalid_token')
})

const bodyRule = 'The body must be empty, or a JSON object with a "use_case".'
for (const [what, body, message] of [
  [
    'a use case that does not exist',
    '{"use_case":"refunds"}',
    'There is no such use case. The configured ones are: checkout, balance.',
  ],
  ['a body that is no JSON', 'use_case=balance', bodyRule],
  ['a merchant', '{"merchant_account":"ffffffffff"}', bodyRule],
  ['the use case in camel case', '{"useCase":"balance"}', 'The body has a "useCase". Write "use_case".'],
] as const) {
  t.test(`a caller that sends ${what} is told so`, async t => {
    const { issue, backendKey, log, gateway } = await startIssuingGateway(t)
    const reply = await issue(backendKey, body)
    t.equal(codeOf(reply), '400 invalid_request')
    t.equal(JSON.parse(reply.text).errors[0].message, message)
    await gateway.stop()
    const [line] = log.lines().filter(({ msg }) => msg === 'request')
    t.notMatch(JSON.stringify(line), 'refunds')
    t.match(line, { reason: what.startsWith('a use') ? 'use_case_unknown' : 'body_invalid' })
  })
}

t.test('a customer who asks too often is told when to ask again, and others go on', async t => {
  const { issue, signIn } = await startIssuingGateway(t, { perCaller: { requests: 2, windowSec: 60 } })
  for (const expected of [200, 200, 429]) t.equal((await issue(signIn())).status, expected)
  const refused = await issue(signIn())
  t.equal(codeOf(refused), '429 too_many_requests')
  t.ok(Number(refused.fields['retry-after']) >= 58)
  t.equal((await issue(signIn({ sub: 'customer-8' }))).status, 200)
})

t.test('to revoke one use case ends its sessions, and only those; new ones work at once', async t => {
  const { read, sessionFor, admin, simulator } = await startIssuingGateway(t)
  const [checkout, balance] = [await sessionFor('checkout'), await sessionFor('balance')]
  const before = simulator.liveAuthenticationTokens()
  for (const token of [checkout, balance]) t.equal(await read(token), '200')
  const reply = await admin('/revocations', { useCase: 'checkout' })
  t.same(JSON.parse(reply.text), {
    revoked: 'useCase',
    inForce: 'everywhere',
    authenticationTokensReplaced: ['checkout'],
    authenticationTokensPending: [],
  })
  t.equal(await read(checkout), '401 invalid_token')
  t.equal(await read(balance), '200')
  const fresh = await sessionFor('checkout')
  t.equal(await read(fresh), '200')
  t.equal(await read(checkout), '401 invalid_token')
  const after = simulator.liveAuthenticationTokens()
  t.equal(after.length, 2)
  t.equal(after.filter(token => before.includes(token)).length, 1, 'the old one is revoked at Forage')
})

t.test('to revoke an authentication token ends what came from it', async t => {
  const { read, sessionFor, admin, simulator } = await startIssuingGateway(t)
  const [checkout, balance] = [await sessionFor('checkout'), await sessionFor('balance')]
  const [authenticationToken = ''] = simulator.liveAuthenticationTokens()
  const reply = await admin('/revocations', { authenticationToken })
  const { authenticationTokensReplaced: hit } = JSON.parse(reply.text)
  t.equal(hit.length, 1)
  const [ended, alive] = hit[0] === 'checkout' ? [checkout, balance] : [balance, checkout]
  t.equal(await read(ended), '401 invalid_token')
  t.equal(await read(alive), '200')
})

t.test('to revoke everything ends everything, and new sessions work at once', async t => {
  const { read, sessionFor, admin } = await startIssuingGateway(t)
  const old = [await sessionFor('checkout'), await sessionFor('balance')]
  t.same(JSON.parse((await admin('/revocations', { all: true })).text).authenticationTokensReplaced, [
    'checkout',
    'balance',
  ])
  for (const token of old) t.equal(await read(token), '401 invalid_token')
  t.equal(await read(await sessionFor('balance')), '200')
})

t.test('two hundred callers at once cost one authentication token per use case', async t => {
  const { issue, backendKey, simulator, admin } = await startIssuingGateway(t)
  const replies = await Promise.all(Array.from({ length: 200 }, () => issue(backendKey)))
  t.same([...new Set(replies.map(({ status }) => status))], [200])
  t.equal(new Set(replies.map(({ text }) => JSON.parse(text).token)).size, 200)
  t.equal(simulator.executions.filter(({ path }) => path === '/o/token/').length, 2)
  t.match(JSON.parse((await admin('/status')).text).issuing, { issued: { checkout: 200, balance: 0 }, leaks: 0 })
})

t.test('while Forage is away callers are told so, and it heals by itself', async t => {
  const { issue, backendKey, simulator, gateway, log } = await startIssuingGateway(t)
  t.equal((await issue(backendKey)).status, 200)
  await simulator.close()
  t.equal(codeOf(await issue(backendKey)), '502 upstream_unavailable')
  await gateway.stop()
  const lines = log.lines().filter(line => line.reason === 'upstream_unreachable' || line.fault === 'unreachable')
  const code = { error_code: 'ECONNREFUSED' }
  t.match(lines.slice(0, 2), [
    { event: 'session_not_issued', ...code },
    { route: '/session_token', ...code },
  ])
})

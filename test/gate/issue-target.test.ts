import t from 'tap'
import { createGate, type Gate, type GateOptions } from '../../src/gate/decide.ts'
import { isIssueTarget } from '../../src/gate/issue-target.ts'
import { defaultPolicy } from '../fixtures/config.ts'
import { aHead, aSession } from '../fixtures/gate.ts'

const signIn = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjMSJ9.c2lnbmF0dXJl'
const fields = ['Host', 'pay.shop.example', 'Authorization', `Bearer ${signIn}`]
const asking = (overrides = {}) => aHead({ method: 'POST', target: '/session_token', fields, ...overrides })

function gateWith(overrides: Partial<GateOptions> = {}): Gate {
  return createGate({
    policy: defaultPolicy(),
    sessions: { verify: () => aSession(), isKnown: () => false },
    merchantAccounts: [],
    cors: { origins: ['https://shop.example'] },
    maxBodyBytes: 1000,
    maxHeaderBytes: 16_384,
    now: () => 1_800_000_000,
    issuing: { merchantAccount: '123ab45c67' },
    ...overrides,
  })
}

for (const [method, target, isOne] of [
  ['POST', '/session_token', true],
  ['POST', '/session_token/', true],
  ['GET', '/session_token', false],
  ['post', '/session_token', false],
  ['POST', '/session_token?use_case=balance', false],
  ['POST', '/session_token//', false],
  ['POST', '/Session_Token', false],
  ['POST', '/api/session_token/', false],
  ['POST', 'https://pay.shop.example/session_token', false],
] as const) {
  t.test(`${method} ${target} ${isOne ? 'asks' : 'does not ask'} for a session token`, async t => {
    t.equal(isIssueTarget(method, target), isOne)
    const { outcome } = await gateWith().decide(asking({ method, target }))
    t.equal(outcome === 'issue', isOne)
  })
}

t.test('whoever asks for a session token is passed on with its credentials, which the gate does not judge', async t => {
  t.match(gateWith().decide(asking()), { outcome: 'issue', credentials: signIn })
})

t.test('where nothing is issued, the target is no route', async t => {
  const decision = await gateWith({ issuing: null }).decide(asking())
  t.match(decision, { outcome: 'deny', reason: 'route_not_allowed' })
  t.notOk('isForIssuing' in decision)
})

for (const [why, more, reason] of [
  ['no credentials', ['Host', 'a'], 'credentials_missing'],
  ['Basic credentials', ['Host', 'a', 'Authorization', 'Basic YTpi'], 'authentication_token'],
  [
    'an authentication token',
    ['Host', 'a', 'Authorization', `Bearer sandbox_${'a1'.repeat(15)}`],
    'authentication_token',
  ],
  ['two credentials', [...fields, 'X-Api-Key', 'another'], 'credentials_multiple'],
  ['another merchant', [...fields, 'Merchant-Account', 'ffffffffff'], 'merchant_account_not_allowed'],
] as const) {
  t.test(`a caller with ${why} gets no session token: ${reason}`, async t => {
    t.match(gateWith().decide(asking({ fields: more })), { outcome: 'deny', reason, isForIssuing: true })
  })
}

t.test('a refusal elsewhere is not said to be of issuing', async t => {
  t.notOk('isForIssuing' in (await gateWith().decide(asking({ method: 'GET' }))))
  t.notOk('isForIssuing' in (await gateWith().decide(asking({ target: '/api/session_token/' }))))
})

t.test('a caller may name the merchant that tokens are issued for, in each spelling of it', async t => {
  for (const account of ['123ab45c67', 'mid/123ab45c67']) {
    const decision = gateWith().decide(asking({ fields: [...fields, 'Merchant-Account', account] }))
    t.match(decision, { outcome: 'issue' })
  }
})

t.test('an address that guesses may not guess here either', async t => {
  const limits = { guessing: () => 12, admit: () => 0, noteDenial() {} }
  t.match(gateWith({ limits }).decide(asking()), { outcome: 'deny', reason: 'rate_limited', retryAfterSec: 12 })
})

t.test('a page may ask for a session token across origins, also where the policy has no POST', async t => {
  const policy = { ...defaultPolicy(), routes: defaultPolicy().routes.filter(({ method }) => method === 'GET') }
  const preflight = ['Host', 'a', 'Origin', 'https://shop.example', 'Access-Control-Request-Method', 'POST']
  const asked = aHead({ method: 'OPTIONS', target: '/session_token', fields: preflight })
  const methods = async (gate: Gate) => {
    const { responseFields } = await gate.decide(asked)
    return responseFields[responseFields.indexOf('Access-Control-Allow-Methods') + 1]
  }
  t.equal(await methods(gateWith({ policy })), 'GET, POST')
  t.equal(await methods(gateWith({ policy, issuing: null })), 'GET')
})

import t from 'tap'
import { createGate } from '../../src/gate/decide.ts'
import { createOwnCredentials } from '../../src/gate/own-credentials.ts'
import { defaultPolicy } from '../fixtures/config.ts'
import { aHead, aSession } from '../fixtures/gate.ts'

const clientId = 'q7Vd0sXm2KfP9tLw'
const clientSecret = 'Zt4yRk8uN1bHc6Ea3WgJ5oSiQx0vTlMf'
const holds = createOwnCredentials([clientId, clientSecret])

for (const [where, head] of [
  ['as a field of any name', { fields: ['X-Debug', clientSecret] }],
  ['within a field', { fields: ['User-Agent', `shop/1 (${clientId})`] }],
  ['in the path', { target: `/api/orders/${clientId}/` }],
  ['in the query', { target: `/api/orders/abc/?note=${clientSecret}` }],
] as const) {
  t.test(`the merchant's own credential is found ${where}`, async t => t.equal(holds(aHead(head)), true))
}

t.test('a request without it is none, however close', async t => {
  t.equal(holds(aHead()), false)
  t.equal(holds(aHead({ fields: ['X-Debug', clientId.slice(0, -1)] })), false)
  t.equal(holds(aHead({ fields: ['X-Debug', clientSecret.toLowerCase()] })), false)
})

t.test('a credential of 15 characters is too short to be searched for, one of 16 is not', async t => {
  t.equal(createOwnCredentials(['a'.repeat(15)])(aHead({ fields: ['X', 'a'.repeat(15)] })), false)
  t.equal(createOwnCredentials(['a'.repeat(16)])(aHead({ fields: ['X', 'a'.repeat(16)] })), true)
  t.equal(createOwnCredentials([])(aHead()), false)
})

t.test('a request that holds it is blocked as what it is, before its route and its token are looked at', async t => {
  const gate = createGate({
    policy: defaultPolicy(),
    sessions: { verify: () => aSession(), isKnown: () => true },
    merchantAccounts: [],
    cors: { origins: [] },
    maxBodyBytes: 1000,
    maxHeaderBytes: 16_384,
    now: () => 1_800_000_000,
    holdsOwnCredential: holds,
  })
  const valid = ['Host', 'a', 'Authorization', 'Bearer sandbox_a.b.c']
  t.match(gate.decide(aHead({ fields: valid })), { outcome: 'allow' })
  const fields = [...valid, 'X-Debug', clientSecret]
  t.match(gate.decide(aHead({ fields })), { outcome: 'deny', reason: 'authentication_token' })
  t.match(gate.decide(aHead({ fields, target: '/nowhere' })), { outcome: 'deny', reason: 'authentication_token' })
})

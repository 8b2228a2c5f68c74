import t from 'tap'
import { seededRefs } from '../../src/simulator/simulator.ts'
import { json, refusal, startBench } from '../fixtures/simulator-client.ts'

const post = { method: 'POST', path: '/api/payment_methods/' }
const ebt = { type: 'ebt', reusable: true, card: { number: '9999411111111112' } }
const creditCard = {
  number: '4111111111111111',
  name: 'A Shopper',
  zip_code: '95014',
  exp_month: 12,
  exp_year: 2030,
  security_code: '123',
  is_hsa_fsa: true,
}
const invalid = [400, 'invalid_input_data', 'Payment_Methods']

t.test('an EBT card becomes a payment method that never shows its number', async t => {
  const { simulator, ask } = await startBench(t)
  const reply = await ask({ ...post, body: { ...ebt, customer_id: 'hashed' } })
  t.equal(reply.status, 201)
  t.match(json(reply), {
    ref: /^[0-9a-f]{10}$/,
    type: 'ebt',
    reusable: true,
    customer_id: 'hashed',
    balance: null,
    card: {
      last_4: '1112',
      created: '2025-07-16T14:46:39.000Z',
      token: /^[0-9a-f]+,[0-9a-f]+,[0-9a-f]{32}$/,
      state: 'CA',
      fingerprint: /^[0-9a-f]{64}$/,
    },
  })
  t.notMatch(reply.text, '9999411111111112')
  const again = await ask({ path: `/api/payment_methods/${json(reply).ref}/` })
  t.same([again.status, again.text], [200, reply.text])
  t.same(simulator.executions.at(0), {
    method: 'POST',
    path: '/api/payment_methods/',
    idempotencyKey: null,
    bodySha256: 'ed56dab02cb9b76171fbf2dd4c9432eecdd791b3dc1a0c706590c82209bc36f1',
    status: 201,
  })
})

t.test('one card has one fingerprint, and a token for each time it is added', async t => {
  const { ask } = await startBench(t)
  const first = json(await ask({ ...post, body: ebt })).card as Record<string, unknown>
  const second = json(await ask({ ...post, body: ebt })).card as Record<string, unknown>
  t.equal(first.fingerprint, second.fingerprint)
  t.not(first.token, second.token)
})

t.test('a terminal sends track 2 instead of the number', async t => {
  const { ask } = await startBench(t)
  const card = { track_2_data: ';9999411111111113=30121010000000000000?' }
  t.match(json(await ask({ ...post, body: { ...ebt, card } })), { card: { last_4: '1113' } })
  t.same(refusal(await ask({ ...post, body: { ...ebt, card: { track_2_data: 'x' } } })), invalid)
})

t.test('an HSA or FSA card becomes a credit payment method', async t => {
  const { ask } = await startBench(t)
  const reply = await ask({
    method: 'POST',
    path: '/proxy/api/payment_methods/',
    body: { type: 'credit', card: creditCard },
  })
  t.equal(reply.status, 201)
  t.match(json(reply), {
    type: 'credit',
    card: { brand: 'visa', last_4: '1111', exp_month: 12, exp_year: 2030, is_hsa_fsa: true, payment_method_id: /^pm_/ },
  })
  t.notMatch(reply.text, /4111111111111111|A Shopper|95014|security_code/)
})

t.test('Merchant-Account is optional for EBT cards and required for others', async t => {
  const { ask } = await startBench(t)
  const fields = { 'Merchant-Account': undefined }
  t.equal((await ask({ ...post, fields, body: ebt })).status, 201)
  const reply = await ask({ ...post, fields, body: { type: 'credit', card: creditCard } })
  t.same(refusal(reply), [400, 'missing_merchant_account', 'Merchant_Account_Header'])
  const other = await ask({ ...post, fields: { 'Merchant-Account': 'x' }, body: ebt })
  t.same(refusal(other), [403, 'forbidden', 'Merchants'])
})

for (const [name, body, code] of [
  ['a number outside the EBT range', { ...ebt, card: { number: '4111111111111111' } }, 'unsupported_bin'],
  ['an EBT number of 15 digits', { ...ebt, card: { number: '999941111111111' } }, 'unsupported_bin'],
  ['an EBT number of 20 digits', { ...ebt, card: { number: '99994111111111111111' } }, 'unsupported_bin'],
  ['a credit number with a wrong check digit', credit({ number: '4111111111111112' }), 'unsupported_bin'],
  ['a credit number in the EBT range', credit({ number: '9999411111111111' }), 'unsupported_bin'],
  ['a card that is no HSA or FSA card', credit({ number: '5555555555554444' }), 'not_an_hsa_fsa_card'],
  ['no type', { card: ebt.card }, 'invalid_input_data'],
  ['an unknown type', { ...ebt, type: 'gift' }, 'invalid_input_data'],
  ['no card', { type: 'ebt' }, 'invalid_input_data'],
  ['a card that is a list', { ...ebt, card: [] }, 'invalid_input_data'],
  ['a card without a number', { ...ebt, card: {} }, 'invalid_input_data'],
  ['a reusable that is a text', { ...ebt, reusable: 'yes' }, 'invalid_input_data'],
  ['a customer id of 65 characters', { ...ebt, customer_id: 'c'.repeat(65) }, 'invalid_input_data'],
  ['a card object of more than 16 KiB', { ...ebt, card: { ...ebt.card, x: 'x'.repeat(17_000) } }, 'invalid_input_data'],
  ['month 13', credit({ exp_month: 13 }), 'invalid_input_data'],
  ['a year that is a text', credit({ exp_year: '2030' }), 'invalid_input_data'],
  ['a security code of letters', credit({ security_code: 'abc' }), 'invalid_input_data'],
] as const) {
  t.test(`a payment method with ${name} is refused as ${code}`, async t => {
    const { ask } = await startBench(t)
    t.same(refusal(await ask({ ...post, body })), [400, code, 'Payment_Methods'])
  })
}

t.test('a Mastercard that claims to be no HSA or FSA card is a credit card', async t => {
  const { ask } = await startBench(t)
  const reply = await ask({ ...post, body: credit({ number: '5555555555554444', is_hsa_fsa: undefined }) })
  t.match(json(reply), { card: { brand: 'mastercard', is_hsa_fsa: false } })
})

t.test('the customer of a payment method can be changed', async t => {
  const { ask } = await startBench(t)
  const path = `/api/payment_methods/${seededRefs.paymentMethod}/`
  t.match(json(await ask({ method: 'PATCH', path, body: { customer_id: 'c1' } })), { customer_id: 'c1' })
  t.match(json(await ask({ method: 'PATCH', path, body: {} })), { customer_id: 'c1' })
})

t.test('a server deletes a payment method, and then it is not found', async t => {
  const { simulator, ask } = await startBench(t)
  const path = `/api/payment_methods/${seededRefs.paymentMethod}/`
  const token = simulator.issueAuthenticationToken()
  const reply = await ask({ method: 'DELETE', path, token })
  t.same([reply.status, reply.text], [204, ''])
  t.same(refusal(await ask({ path })), [404, 'resource_not_found', 'Payment_Methods'])
})

function credit(card: Record<string, unknown>): Record<string, unknown> {
  return { type: 'credit', card: { ...creditCard, ...card } }
}

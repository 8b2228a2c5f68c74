import t from 'tap'
import { checkBalance as handleBalance } from '../../src/simulator/balance.ts'
import { seededRefs } from '../../src/simulator/simulator.ts'
import { declineCodes, declineMessages } from '../../src/simulator/test-cards.ts'
import { type Bench, json, startBench } from '../fixtures/simulator-client.ts'

async function addCard({ ask }: Bench, number: string): Promise<{ ref: string; token: string }> {
  const body = { type: 'ebt', card: { number } }
  const method = json(await ask({ method: 'POST', path: '/api/payment_methods/', body }))
  return { ref: method.ref, token: String((method.card as { token: string }).token).split(',')[2] ?? '' }
}

function checkBalance({ ask }: Bench, ref: string, body: unknown = { pin: '1234' }) {
  return ask({ method: 'POST', path: `/proxy/api/payment_methods/${ref}/balance/`, body })
}

t.test('the right PIN shows the balance, and the payment method shows it from then on', async t => {
  const bench = await startBench(t)
  const { ref, token } = await addCard(bench, '9999411111111111')
  const reply = await checkBalance(bench, ref, { pin: '1234', card_number_token: token })
  t.equal(reply.status, 200)
  const balance = { snap: '500.00', non_snap: '100.00', updated: '2025-07-16T14:46:39.000Z' }
  t.same(json(reply), { ref, balance, error: null })
  t.same(json(await bench.ask({ path: `/api/payment_methods/${ref}/` })).balance, balance)
})

for (const code of declineCodes) {
  t.test(`the test card that ends in ${code} answers ebt_error_${code}`, async t => {
    const bench = await startBench(t)
    const { ref } = await addCard(bench, `99994200000000${code}`)
    const reply = await checkBalance(bench, ref)
    const status = code === '91' ? 504 : 400
    t.equal(reply.status, status)
    t.same(json(reply), {
      ref,
      balance: null,
      error: { message: declineMessages[code], status_code: status, forage_code: `ebt_error_${code}` },
    })
  })
}

t.test('the fourth wrong PIN in a row locks the card for every later PIN', async t => {
  const bench = await startBench(t)
  const codes: unknown[] = []
  for (const pin of ['5555', '5555', '5555', '1234', '5555', '5555', '5555', '5555', '1234']) {
    const reply = await checkBalance(bench, seededRefs.paymentMethod, { pin })
    codes.push((json(reply).error as { forage_code: string } | null)?.forage_code ?? 'ok')
  }
  const wrong = 'ebt_error_55'
  t.same(codes, [wrong, wrong, wrong, 'ok', wrong, wrong, wrong, 'ebt_error_75', 'ebt_error_75'])
})

for (const [name, body] of [
  ['no PIN', {}],
  ['a PIN of three digits', { pin: '123' }],
  ['a PIN of letters', { pin: 'abcd' }],
  ['the token of another card', { pin: '1234', card_number_token: 'x' }],
] as const) {
  t.test(`a balance check with ${name} is invalid input`, async t => {
    const bench = await startBench(t)
    const reply = await checkBalance(bench, seededRefs.paymentMethod, body)
    t.same([reply.status, json(reply).balance], [400, null])
    t.match(json(reply).error, { forage_code: 'invalid_input_data' })
  })
}

t.test('a card that is not EBT has no balance, and an unknown one is not found', async t => {
  const bench = await startBench(t)
  const card = { number: '4111111111111111', exp_month: 1, exp_year: 2030, security_code: '123' }
  const method = json(
    await bench.ask({ method: 'POST', path: '/api/payment_methods/', body: { type: 'credit', card } }),
  )
  t.match(json(await checkBalance(bench, method.ref)).error, { forage_code: 'balance_check_only_ebt' })
  const unknown = await checkBalance(bench, '0000000000')
  t.equal(unknown.status, 404)
  t.match(json(unknown).error, { forage_code: 'resource_not_found', status_code: 404 })
})

t.test('a fault of the simulator is not presented as a refusal of the card', async t => {
  const brokenStore = { get: () => breakDown() }
  const call = { world: { paymentMethods: brokenStore }, params: { ref: 'x' }, body: {} }
  t.throws(() => handleBalance(call as never), { name: 'RangeError' })
})

function breakDown(): never {
  throw new RangeError('broken')
}

import t from 'tap'
import { seededRefs } from '../../src/simulator/simulator.ts'
import { refusal, startBench } from '../fixtures/simulator-client.ts'

const path = `/api/orders/${seededRefs.order}/`

for (const [name, value] of [
  ['Merchant-Account', '123ab45c67'],
  ['Merchant-Account', 'mid/123ab45c67'],
  ['Merchant_Account', '123ab45c67'],
]) {
  t.test(`${name}: ${value} names the merchant`, async t => {
    const { ask } = await startBench(t)
    const fields = { 'Merchant-Account': undefined, [name ?? '']: value }
    t.equal((await ask({ path, fields })).status, 200)
  })
}

for (const value of [undefined, '']) {
  t.test(`a Merchant-Account that is ${value === '' ? 'empty' : 'absent'} is missing`, async t => {
    const { ask } = await startBench(t)
    const reply = await ask({ path, fields: { 'Merchant-Account': value } })
    t.same(refusal(reply), [400, 'missing_merchant_account', 'Merchant_Account_Header'])
  })
}

for (const value of ['123ab45c68', 'mid/mid/123ab45c67', '1234567']) {
  t.test(`Merchant-Account: ${value} is another merchant`, async t => {
    const { ask } = await startBench(t)
    const reply = await ask({ path, fields: { 'Merchant-Account': value } })
    t.same(refusal(reply), [403, 'forbidden', 'Merchants'])
  })
}

t.test('the session token endpoint needs a merchant', async t => {
  const { simulator, ask } = await startBench(t)
  const token = simulator.issueAuthenticationToken()
  const fields = { 'Merchant-Account': undefined }
  const reply = await ask({ method: 'POST', path: '/api/session_token/', token, fields })
  t.same(refusal(reply), [400, 'missing_merchant_account', 'Merchant_Account_Header'])
})

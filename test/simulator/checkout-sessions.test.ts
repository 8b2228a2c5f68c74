import t from 'tap'
import { seededRefs } from '../../src/simulator/simulator.ts'
import { json, refusal, startBench } from '../fixtures/simulator-client.ts'

for (const kind of ['sessions', 'capture_sessions']) {
  t.test(`a server creates ${kind} with their order`, async t => {
    const { simulator, ask } = await startBench(t, { environment: 'sandbox' })
    const token = simulator.issueAuthenticationToken()
    const body = {
      snap_total: '7',
      success_redirect_url: 'https://shop.example/yes',
      cancel_redirect_url: 'https://shop.example/no',
    }
    const created = await ask({ method: 'POST', path: `/api/${kind}/`, token, body })
    t.equal(created.status, 201)
    const { ref, order } = json(created)
    t.equal(
      json(created).redirect_url,
      `https://checkout.sandbox.joinforage.app/payment?order=${order}&merchant=123ab45c67`,
    )
    t.same(json(await ask({ path: `/api/${kind}/${ref}/`, token })), json(created))
    t.match(json(await ask({ path: `/api/orders/${order}/` })), { snap_total: '7.00' })
  })
}

t.test('a client creates and reads a balance session, which has no order', async t => {
  const { ask } = await startBench(t, { environment: 'prod' })
  const created = await ask({ method: 'POST', path: '/api/balance_sessions/', body: { customer_id: 'c' } })
  t.match(json(created), { order: null, customer_id: 'c' })
  t.match(json(created).redirect_url, /^https:\/\/checkout\.joinforage\.app\/balance\?session=[0-9a-f]{10}&/)
  t.equal((await ask({ path: `/api/balance_sessions/${json(created).ref}/` })).status, 200)
  t.equal((await ask({ path: `/api/balance_sessions/${seededRefs.balanceSession}/` })).status, 200)
})

t.test('a session of another kind is not found', async t => {
  const { simulator, ask } = await startBench(t)
  const token = simulator.issueAuthenticationToken()
  const missing = [404, 'resource_not_found', 'Sessions']
  t.same(refusal(await ask({ path: `/api/sessions/${seededRefs.balanceSession}/`, token })), missing)
  t.same(refusal(await ask({ path: '/api/balance_sessions/0000000000/' })), missing)
})

t.test('the merchant can be read by its server', async t => {
  const { simulator, ask } = await startBench(t, { merchantAccount: 'm1' })
  const reply = await ask({ path: '/api/merchants/', token: simulator.issueAuthenticationToken() })
  t.equal(reply.text, '{"ref":"m1"}')
})

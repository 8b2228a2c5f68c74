import t from 'tap'
import { seededRefs } from '../../src/simulator/simulator.ts'
import { json, startBench } from '../fixtures/simulator-client.ts'

const body = { type: 'ebt', card: { number: '9999411111111111' } }

t.test('the state counts requests, executions, tokens and objects', async t => {
  const { ask } = await startBench(t)
  await ask({ method: 'POST', path: '/api/payment_methods/', body })
  await ask({ path: '/nothing/' })
  const state = json(await ask({ path: '/__simulator/state', token: null }))
  t.match(state, {
    environment: 'mock',
    merchant_account: '123ab45c67',
    requests: 2,
    executions: 1,
    live_authentication_tokens: 1,
    most_live_authentication_tokens: 1,
    issued_authentication_tokens: 1,
    idempotency_keys: 0,
    objects: { payment_methods: 2, payments: 1, refunds: 0, orders: 1, sessions: 1 },
    faults: { hang: 0 },
  })
})

t.test('the state tells how many authentication tokens there were, and how many lived at one time', async t => {
  const { simulator, ask } = await startBench(t)
  const first = simulator.issueAuthenticationToken()
  simulator.issueAuthenticationToken()
  simulator.revokeAuthenticationToken(first)
  simulator.issueAuthenticationToken()
  const figures = (live: number, most: number, issued: number) => ({
    live_authentication_tokens: live,
    most_live_authentication_tokens: most,
    issued_authentication_tokens: issued,
  })
  t.match(json(await ask({ path: '/__simulator/state', token: null })), figures(2, 2, 3))
  await ask({ method: 'POST', path: '/__simulator/reset', token: null })
  t.match(json(await ask({ path: '/__simulator/state', token: null })), figures(0, 0, 0))
})

t.test('a reset makes everything as it was at the start', async t => {
  const { simulator, ask } = await startBench(t)
  const token = simulator.issueSessionToken()
  const first = await ask({ method: 'POST', path: '/api/payment_methods/', token, body })
  simulator.faults.lockedRefs.add('a')
  simulator.faults.throttle = 1
  t.equal((await ask({ method: 'POST', path: '/__simulator/reset', token: null })).status, 200)
  t.match(simulator, { executionCount: 0, requestCount: 0, executions: [], faults: { throttle: 0 } })
  t.equal(simulator.faults.lockedRefs.size, 0)
  t.equal((await ask({ path: `/api/payments/${seededRefs.payment}/`, token })).status, 401)
  t.equal(simulator.issueSessionToken(), token)
  t.equal((await ask({ method: 'POST', path: '/api/payment_methods/', token, body })).text, first.text)
})

t.test('other paths of the simulator do not exist', async t => {
  const { ask } = await startBench(t)
  for (const row of [
    'GET nothing',
    'GET faults',
    'GET reset',
    'POST bytes/5',
    'GET bytes/x',
    'GET bytes/9999999999999',
  ]) {
    const [method = '', name = ''] = row.split(' ')
    t.equal((await ask({ method, path: `/__simulator/${name}`, token: null })).status, 404, row)
  }
})

import { createHash } from 'node:crypto'
import t from 'tap'
import { seededRefs, startSimulator } from '../../src/simulator/simulator.ts'
import { aConfig, defaultPolicy } from '../fixtures/config.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { at, send } from '../fixtures/http-client.ts'
import type { Teardown } from '../fixtures/recorder.ts'
import { testSecret } from '../fixtures/token.ts'

async function startBoth(t: Teardown) {
  const sessionTokenSecret = testSecret.toString()
  const options = { environment: 'sandbox', sessionTokenSecret, sessionTokenFormat: 'jwt', rateLimit: null } as const
  const simulator = await startSimulator(options)
  t.teardown(() => simulator.close())
  const gateway = await startGateway(t, aConfig(simulator.url))
  const fields = {
    Authorization: `Bearer ${simulator.issueSessionToken()}`,
    'Merchant-Account': simulator.merchantAccount,
    'Content-Type': 'application/json',
  }
  return { simulator, gateway, fields }
}

const refs: Readonly<Record<string, string>> = {
  payment_methods: seededRefs.paymentMethod,
  payments: seededRefs.payment,
  orders: seededRefs.order,
  balance_sessions: seededRefs.balanceSession,
}

/** Bodies that the simulator accepts; other routes take an empty object. */
const bodies: Readonly<Record<string, unknown>> = {
  'POST /api/payment_methods/': { type: 'ebt', reusable: true, card: { number: '9999411111111111' } },
  'POST /api/payments/': { funding_type: 'ebt_snap', amount: '20.00', payment_method: seededRefs.paymentMethod },
}

for (const { method, template, scope } of defaultPolicy().routes) {
  t.test(`a session reaches ${method} ${template} and gets the answer of the Payments API`, async t => {
    const { simulator, gateway, fields } = await startBoth(t)
    const path = template.replaceAll(/\{\w+\}/g, refs[scope] as string)
    const body = method === 'GET' ? undefined : JSON.stringify(bodies[`${method} ${template}`] ?? {})

    const reply = await send({ ...at(gateway.url), method, path, headers: fields }, body)

    const [execution, ...more] = simulator.executions
    t.same(more, [], 'it ran once')
    t.match(execution, { method, path, status: reply.status })
    t.equal(
      execution?.bodySha256,
      createHash('sha256')
        .update(body ?? '')
        .digest('hex'),
      'with the body that was sent',
    )
    t.not(reply.status, 403)
    t.ok(reply.status === 204 || JSON.parse(reply.text), 'its body is the JSON that was answered')
  })
}

t.test('a session that the Payments API has revoked gets its 401 unchanged', async t => {
  const { simulator, gateway, fields } = await startBoth(t)
  const parent = simulator.issueAuthenticationToken()
  const token = simulator.issueSessionToken({ authenticationToken: parent })
  simulator.revokeAuthenticationToken(parent)
  const headers = { ...fields, Authorization: `Bearer ${token}` }
  const options = { method: 'GET', path: `/api/orders/${seededRefs.order}/`, headers }
  const direct = await send({ ...at(simulator.url), ...options })
  const through = await send({ ...at(gateway.url), ...options })
  t.equal(direct.status, 401)
  t.same([through.status, through.text], [direct.status, direct.text])
})

t.test('what only a merchant server may do never reaches the Payments API', async t => {
  const { simulator, gateway, fields } = await startBoth(t)
  const routes = [
    ['POST', '/api/session_token/'],
    ['POST', '/api/sessions/'],
    ['POST', '/api/capture_sessions/'],
    ['POST', '/api/orders/'],
    ['PATCH', `/api/orders/${seededRefs.order}/`],
    ['POST', `/api/payments/${seededRefs.payment}/refunds/`],
    ['DELETE', `/api/payment_methods/${seededRefs.paymentMethod}/`],
    ['POST', '/o/token/'],
    ['POST', '/o/revoke_token/'],
  ]
  for (const [method, path] of routes) {
    const reply = await send({ ...at(gateway.url), method, path, headers: fields }, '{}')
    t.equal(reply.status, 403, `${method} ${path}`)
  }
  t.same(simulator.executions, [])
})

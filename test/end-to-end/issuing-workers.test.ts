import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { adminToken, askAdmin } from '../fixtures/admin-client.ts'
import { startGatewayProcess } from '../fixtures/gateway-process.ts'
import { at, send } from '../fixtures/http-client.ts'
import { until } from '../fixtures/until.ts'

/** Two workers that issue in ledger mode, in processes of their own. */
async function startBench(t: Test) {
  const simulator = await startSimulator({ environment: 'sandbox', rateLimit: null })
  t.teardown(() => simulator.close())
  const folder = t.testdir()
  const backendKey = randomBytes(24).toString('hex')
  const { clientId, clientSecret, merchantAccount } = simulator
  for (const [name, value] of Object.entries({ clientId, clientSecret, backendKey, adminToken }))
    writeFileSync(join(folder, name), value)
  const config = {
    workers: 2,
    admin: { port: 0, token: { file: 'adminToken' } },
    session: { verify: 'ledger' },
    upstream: { api: simulator.url, budget: null },
    limits: { perSession: null, perAddress: null, denialsPerAddress: null },
    issuing: {
      merchantAccount,
      clientId: { file: 'clientId' },
      clientSecret: { file: 'clientSecret' },
      callers: { backend: { keys: [{ file: 'backendKey' }] } },
      onLeakedAuthenticationToken: 'revoke',
    },
  }
  const gateway = await startGatewayProcess(t, { folder, api: simulator.url, config })
  const issue = async () => {
    const headers = { Authorization: `Bearer ${backendKey}` }
    const { status, text } = await send({ ...at(gateway.url), method: 'POST', path: '/session_token', headers })
    return { status, token: JSON.parse(text).token as string }
  }
  const read = async (token: string) => {
    const headers = { Authorization: `Bearer ${token}`, 'Merchant-Account': merchantAccount }
    return (await send({ ...at(gateway.url), path: '/api/orders/0a1b2c3d4e/', headers })).status
  }
  return { simulator, gateway, issue, read }
}

t.test('workers share the tokens behind the sessions, and each lets in what another one issued', async t => {
  const { simulator, gateway, issue, read } = await startBench(t)
  for (let round = 0; round < 20; round++) {
    const { status, token } = await issue()
    t.equal(status, 200)
    // Each request comes on a connection of its own, and the workers take connections by turns.
    t.same([await read(token), await read(token), await read(token)], [200, 200, 200])
  }
  t.equal(simulator.liveAuthenticationTokens().length, 2, 'one per use case')
  t.match(JSON.parse((await askAdmin(gateway.adminUrl, '/status')).text), {
    issuing: { issued: { checkout: 20, balance: 0 }, leaks: 0 },
    workers: { live: 2 },
  })
})

t.test('one of our authentication tokens that reaches any worker ends its sessions in all of them', async t => {
  const { simulator, gateway, issue, read } = await startBench(t)
  const { token } = await issue()
  t.equal(await read(token), 200)
  for (const leaked of simulator.liveAuthenticationTokens()) t.equal(await read(leaked), 403)
  const ended = async () => (await read(token)) === 401 && (await read(token)) === 401
  while (!(await ended())) await new Promise(setImmediate)
  const fresh = await issue()
  t.same([fresh.status, await read(fresh.token), await read(fresh.token)], [200, 200, 200])
  const leaks = async () => JSON.parse((await askAdmin(gateway.adminUrl, '/status')).text).issuing.leaks
  await until(leaks, count => count === 2)
  await until(
    () => gateway.log(),
    text => text.includes('credential_leaked'),
  )
})

t.test('the metrics of all workers are one', async t => {
  const { gateway, issue, read } = await startBench(t)
  const { token } = await issue()
  for (let count = 0; count < 8; count++) t.equal(await read(token), 200)
  const { text } = await askAdmin(gateway.adminUrl, '/metrics')
  const lines = text.split('\n').filter(line => line.startsWith('forage_gateway_requests_total'))
  const served = lines.filter(line => line.includes('route="/api/orders/{ref}/"') && line.includes('status="200"'))
  t.same(
    served.map(line => line.split(' ').at(-1)),
    ['8'],
  )
  t.match(text, /^forage_gateway_issued_session_tokens_total\{use_case="checkout"\} 1$/m)
})

import t from 'tap'
import { statusRoutes } from '../../src/admin/status-routes.ts'
import { adminToken, askAdmin, refusalOf, startAdmin } from '../fixtures/admin-client.ts'
import { aConfig, aSessionConfig } from '../fixtures/config.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { at, send } from '../fixtures/http-client.ts'
import { aLiveToken } from '../fixtures/live-token.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { anAuthenticationToken, testSecret } from '../fixtures/token.ts'

t.test('a gateway that should get no traffic is alive, and not ready', async t => {
  let isReady = true
  const { ask } = await startAdmin(
    t,
    statusRoutes(
      () => ({ isReady, checks: { draining: isReady ? 'no' : 'yes' } }),
      () => ({ version: '1' }),
    ),
  )
  t.match(await ask('/readyz'), { status: 200, text: '{"status":"ready","checks":{"draining":"no"}}\n' })
  isReady = false
  t.match(await ask('/readyz'), { status: 503, text: '{"status":"not ready","checks":{"draining":"yes"}}\n' })
  t.match(await ask('/livez'), { status: 200, text: '{"status":"alive"}\n' })
  t.match(await ask('/status'), { status: 200, text: '{"version":"1"}\n' })
})

const admin = { host: '127.0.0.1', port: 0, token: Buffer.from(adminToken) }

for (const [verify, proves] of [
  ['signature', /a holder of a key/],
  ['ledger', /registered by the merchant/],
  ['upstream', /nothing about who made a token/],
] as const) {
  t.test(`the status of a gateway in mode ${verify} says what it proves, and holds no secret`, async t => {
    const recorder = await startRecorder(t)
    const gateway = await startGateway(t, aConfig(recorder.url, { admin, session: aSessionConfig({ verify }) }))
    const [token, authenticationToken] = [aLiveToken(), anAuthenticationToken()]
    await askAdmin(gateway.adminUrl, '/tokens', {
      body: { token, authenticationToken, useCase: 'checkout', merchantAccount: '123ab45c67' },
    })
    const headers = { Authorization: `Bearer ${token}` }
    t.equal((await send({ ...at(gateway.url), path: '/api/orders/abc/', headers })).status, 200)
    await askAdmin(gateway.adminUrl, '/revocations', { body: { token } })
    const { status, text } = await askAdmin(gateway.adminUrl, '/status', { token: null })
    t.equal(status, 200)
    t.match(JSON.parse(text), {
      version: '0.1.0',
      environment: 'sandbox',
      verify,
      proves,
      policy: { digest: /^[0-9a-f]{16}$/, routes: 18 },
      state: { kind: 'memory', survivesRestart: false },
      ledger: { tokens: 1 },
      revocations: 1,
      isDraining: false,
    })
    for (const secret of [
      adminToken,
      testSecret.toString(),
      token.slice(-20),
      token.slice(8, 40),
      'sZaw',
      '123ab45c67',
    ])
      t.notMatch(text, secret)
  })
}

t.test('the listener of clients has no admin route, and a gateway without admin listener has none at all', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startGateway(t, aConfig(recorder.url, { admin }))
  for (const path of ['/status', '/revocations', '/tokens', '/livez'])
    t.not((await askAdmin(gateway.url, path, { body: { all: true } })).status, 200)
  t.equal(refusalOf(await askAdmin(gateway.adminUrl, '/api/orders/abc/')), '404 not_found')
  t.equal((await startGateway(t, aConfig(recorder.url))).adminUrl, '')
})

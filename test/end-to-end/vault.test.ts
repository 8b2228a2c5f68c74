import { readFileSync } from 'node:fs'
import t from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { pathsIn, problemsIn } from '../config/a-config.ts'
import { aConfig, aPolicy } from '../fixtures/config.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { at, send } from '../fixtures/http-client.ts'
import { aLiveToken } from '../fixtures/live-token.ts'
import { startRecorder } from '../fixtures/recorder.ts'

const policy = aPolicy({
  scopes: {
    payment_methods: ['POST /api/payment_methods/', 'POST /proxy/api/payment_methods/{ref}/balance/'],
    payments: ['POST /proxy/api/payments/{ref}/capture/'],
  },
  grants: { default: ['payment_methods'] },
})
const body = '{"pin":"1234","card_number_token":"tok_canary"}'

function post(url: string, path: string) {
  const headers = { Authorization: `Bearer ${aLiveToken()}`, 'X-KEY': '', 'Content-Type': 'application/json' }
  return send({ ...at(url), method: 'POST', path, headers }, body)
}

t.test('what is under /proxy/ goes to the vault, unchanged, and everything else to the Payments API', async t => {
  const [api, vault] = [await startRecorder(t), await startRecorder(t)]
  const { upstream, ...rest } = aConfig(api.url, { policy })
  const gateway = await startGateway(t, { ...rest, upstream: { ...upstream, vault: vault.url } })
  t.equal((await post(gateway.url, '/proxy/api/payment_methods/0a1b2c3d4e/balance/')).status, 200)
  t.equal((await post(gateway.url, '/api/payment_methods/')).status, 200)
  t.same(
    vault.requests.map(({ method, target, body }) => [method, target, body.toString()]),
    [['POST', '/proxy/api/payment_methods/0a1b2c3d4e/balance/', body]],
  )
  const fields = vault.requests[0]?.fields.map(each => each.toLowerCase()) ?? []
  t.equal(fields[fields.indexOf('x-key') + 1], '')
  t.equal(fields[fields.indexOf('host') + 1], new URL(vault.url).host)
  t.same(
    api.requests.map(({ target }) => target),
    ['/api/payment_methods/'],
  )
})

t.test('a route of the vault needs its scope like any other, and one that is not listed is refused', async t => {
  const [api, vault] = [await startRecorder(t), await startRecorder(t)]
  const { upstream, ...rest } = aConfig(api.url, { policy })
  const gateway = await startGateway(t, { ...rest, upstream: { ...upstream, vault: vault.url } })
  for (const path of [
    '/proxy/api/payments/0a1b2c3d4e/capture/',
    '/proxy/api/session_token/',
    '/proxy/../api/payment_methods/',
    '/proxy//api/payment_methods/',
  ])
    t.ok([400, 403].includes((await post(gateway.url, path)).status), path)
  t.same([api.requests.length, vault.requests.length], [0, 0])
})

t.test('a vault that is away is answered as an upstream that is away, and the API goes on', async t => {
  const api = await startRecorder(t)
  const { upstream, ...rest } = aConfig(api.url, { policy })
  const gateway = await startGateway(t, { ...rest, upstream: { ...upstream, vault: 'http://127.0.0.1:9' } })
  t.equal((await post(gateway.url, '/proxy/api/payment_methods/0a1b2c3d4e/balance/')).status, 502)
  t.equal((await post(gateway.url, '/api/payment_methods/')).status, 200)
})

t.test('the simulated vault takes a balance through the gateway', async t => {
  const simulator = await startSimulator({ environment: 'sandbox', rateLimit: null })
  t.teardown(() => simulator.close())
  const recorder = await startRecorder(t)
  const { upstream, ...rest } = aConfig(recorder.url, { policy })
  const gateway = await startGateway(t, { ...rest, upstream: { ...upstream, vault: simulator.url } })
  const { status } = await post(gateway.url, '/proxy/api/payment_methods/0a1b2c3d4e/balance/')
  t.not(status, 502, 'the simulator has answered for itself')
  t.equal(recorder.requests.length, 0)
})

t.test(
  'a policy with routes of the vault is refused where no vault is configured, and plain http off this machine',
  async t => {
    const text = readFileSync('config/policy.yaml', 'utf8').replace(
      '  orders:',
      '  orders:\n    - POST /proxy/api/payments/{ref}/capture/',
    )
    const config = (upstream: string) =>
      `environment: sandbox\nsession: { verify: signature, jwt: { secret: { env: FORAGE_SESSION_SECRET } } }\npolicy: { file: policy.yaml }\n${upstream}`
    t.match(problemsIn(t, config(''), { 'policy.yaml': text }), [
      { path: 'upstream.vault', message: /is needed for the routes/ },
    ])
    t.same(
      pathsIn(t, config('upstream: { vault: "https://vault.sandbox.joinforage.app" }'), { 'policy.yaml': text }),
      [],
    )
    t.same(pathsIn(t, config('upstream: { vault: "http://vault.example" }'), { 'policy.yaml': text }), [
      'upstream.vault',
    ])
  },
)

import t from 'tap'
import { packageFile } from '../../src/config/package-files.ts'
import { fineSession, writeConfig } from '../config/a-config.ts'
import { runCommand } from './run-command.ts'

const policy = `scopes:
  orders: ["GET /api/orders/{ref}/"]
  payment_methods: [POST /api/payment_methods/]
grants: { default: [orders] }
`
const config = `environment: mock\nupstream: { api: "http://127.0.0.1:1" }\n${fineSession}\n`
const env = { FORAGE_SESSION_SECRET: 'short' }

t.test('the policy is shown as an aligned table', async t => {
  const file = writeConfig(t, config, { 'policy.yaml': policy })
  t.same(await runCommand(['routes', '--config', file], { env }), {
    code: 0,
    err: '',
    out: `SCOPE            METHOD  TEMPLATE               BY DEFAULT
orders           GET     /api/orders/{ref}/     yes
payment_methods  POST    /api/payment_methods/  no
`,
  })
})

t.test('the policy is shown as JSON', async t => {
  const file = writeConfig(t, config, { 'policy.yaml': policy })
  const { out } = await runCommand(['routes', '--config', file, '--json'], { env })
  t.same(JSON.parse(out), [
    { scope: 'orders', method: 'GET', template: '/api/orders/{ref}/', grantedByDefault: true },
    { scope: 'payment_methods', method: 'POST', template: '/api/payment_methods/', grantedByDefault: false },
  ])
})

t.test('the shipped policy fits 80 columns', async t => {
  const { out } = await runCommand(['routes', '--config', packageFile('config', 'demo.yaml')])
  t.equal(out.split('\n').length, 20)
  t.ok(out.split('\n').every(line => line.length <= 80))
})

t.test('a wrong configuration shows its problems on standard error', async t => {
  t.match(await runCommand(['routes', '--config', '/absent.yaml']), { code: 78, out: '', err: /cannot be read/ })
})

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

t.test('a policy and its copy in another order, with other names, do not differ', async t => {
  const copy = `grants: { default: [orders] }
scopes:
  payment_methods: [POST /api/payment_methods/]
  orders: ["GET /api/orders/{order_ref}/"]
`
  const folder = t.testdir({ 'old.yaml': policy, 'new.yaml': copy })
  const args = ['routes', '--diff', join(folder, 'old.yaml'), join(folder, 'new.yaml')]
  t.same(await runCommand(args), { code: 0, err: '', out: 'no difference: both let the same requests through\n' })
  t.same(JSON.parse((await runCommand([...args, '--json'])).out), { same: true, changes: [], claim: null })
})

t.test('what a change of policy opens and closes is told for each kind of session, and the exit code is 1', async t => {
  const next = `scopes:
  orders: ["GET /api/{kind}/{ref}/"]
  payment_methods: []
grants: { default: [orders, payment_methods], useCases: { look: [] }, claim: scope }
`
  const folder = t.testdir({ 'old.yaml': policy, 'new.yaml': next })
  const args = ['routes', '--diff', join(folder, 'old.yaml'), join(folder, 'new.yaml')]
  t.match(await runCommand(args), { code: 78, err: /would open/ })
  writeFileSync(join(folder, 'new.yaml'), next.replace('{kind}', 'orders').replace('"]', '", GET /api/orders/]'))
  t.same(await runCommand(args), {
    code: 1,
    err: '',
    out: `sessions with the default grant
  opens   GET /api/orders/ (orders)

sessions of use case look
  closes  GET /api/orders/{ref}/ (orders)

sessions narrowed to scope orders
  opens   GET /api/orders/ (orders)

sessions narrowed to scope payment_methods
  closes  POST /api/payment_methods/ (payment_methods)

the claim that narrows sessions
  was none, is "scope"

for some sessions: 1 opened, 2 closed
`,
  })
  const json = JSON.parse((await runCommand([...args, '--json'])).out)
  t.match(json, { same: false, claim: { from: null, to: 'scope' } })
  t.same(json.changes[1], {
    sessions: { kind: 'useCase', name: 'look' },
    effect: 'closes',
    method: 'GET',
    template: '/api/orders/{ref}/',
    scope: 'orders',
    except: [],
  })
})

t.test('a part that stays as it was is named', async t => {
  const one = 'scopes: { s: ["GET /api/a/one/"] }\ngrants: { default: [s] }\n'
  const folder = t.testdir({ 'old.yaml': one, 'new.yaml': one.replace('one', '{ref}') })
  const { out } = await runCommand(['routes', '--diff', join(folder, 'old.yaml'), join(folder, 'new.yaml')])
  t.match(out, '  opens   GET /api/a/{ref}/ (s), but for GET /api/a/one/\n')
})

t.test('the example of the help works: the shipped policies differ', async t => {
  const files = ['policy.strict.yaml', 'policy.yaml'].map(name => packageFile('config', name))
  const { code, out } = await runCommand(['routes', '--diff', ...files])
  t.equal(code, 1)
  t.match(out, /\nfor some sessions: 10 opened, 1 closed\n$/)
  t.ok(out.split('\n').every(line => line.length <= 80))
})

t.test('two policies are compared, not one and not a file that is none', async t => {
  t.match(await runCommand(['routes', '--diff', 'one.yaml']), { code: 2, err: /NEW is missing/ })
  t.match(await runCommand(['routes', '--diff', '/absent.yaml', '/absent.yaml']), { code: 78, err: /cannot be read/ })
})

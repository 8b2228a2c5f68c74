import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { packageFile } from '../../src/config/package-files.ts'
import { fineSession, writeConfig } from '../config/a-config.ts'
import { runCommand } from './run-command.ts'

const policy = `scopes:
  orders: ["GET /api/orders/{ref}/"]
  payment_methods: [POST /api/payment_methods/]
grants: { default: [orders], useCases: { pay: [payment_methods, orders], look: [orders] } }
`
const config = `environment: mock\nupstream: { api: "http://127.0.0.1:1" }\n${fineSession}\n`
const env = { FORAGE_SESSION_SECRET: 'short' }

t.test('the policy is shown as an aligned table', async t => {
  const file = writeConfig(t, config, { 'policy.yaml': policy })
  t.same(await runCommand(['routes', '--config', file], { env }), {
    code: 0,
    err: '',
    out: `SCOPE            METHOD  TEMPLATE               BY DEFAULT  USE CASES
orders           GET     /api/orders/{ref}/     yes         pay, look
payment_methods  POST    /api/payment_methods/  no          pay
`,
  })
})

t.test('the policy is shown as JSON', async t => {
  const file = writeConfig(t, config, { 'policy.yaml': policy })
  const { out } = await runCommand(['routes', '--config', file, '--json'], { env })
  t.same(JSON.parse(out), [
    {
      scope: 'orders',
      method: 'GET',
      template: '/api/orders/{ref}/',
      grantedByDefault: true,
      useCases: ['pay', 'look'],
    },
    {
      scope: 'payment_methods',
      method: 'POST',
      template: '/api/payment_methods/',
      grantedByDefault: false,
      useCases: ['pay'],
    },
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
  const copy = `grants: { default: [orders], useCases: { look: [orders], pay: [orders, payment_methods] } }
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
grants: { default: [orders, payment_methods], useCases: { look: [], pay: [orders, payment_methods] }, claim: scope }
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

sessions of use case pay
  opens   GET /api/orders/ (orders)
  closes  POST /api/payment_methods/ (payment_methods)

sessions narrowed to scope orders
  opens   GET /api/orders/ (orders)

sessions narrowed to scope payment_methods
  closes  POST /api/payment_methods/ (payment_methods)

the claim that narrows sessions
  was none, is "scope"
  closes: to sessions with the claim "scope", what it does not name

for some sessions: 1 opened, 2 closed
`,
  })
  const json = JSON.parse((await runCommand([...args, '--json'])).out)
  t.match(json, { same: false, claim: { from: null, to: 'scope', opens: null } })
  t.same(json.changes[1], {
    sessions: { kind: 'useCase', name: 'look' },
    effect: 'closes',
    method: 'GET',
    template: '/api/orders/{ref}/',
    scope: 'orders',
    except: [],
  })
})

t.test(
  'a claim that is removed opens what it closed, though no route changes, and so does one that is changed',
  async t => {
    const claimed = policy.replace(' } }\n', ' }, claim: scope }\n')
    const folder = t.testdir({
      'old.yaml': claimed,
      'new.yaml': policy,
      'other.yaml': claimed.replace('scope }', 'scp }'),
    })
    const diff = (name: string, ...more: string[]) =>
      runCommand(['routes', '--diff', join(folder, 'old.yaml'), join(folder, name), ...more])
    const opens = 'every session that the claim "scope" narrowed, up to its grant'
    t.same(await diff('new.yaml'), {
      code: 1,
      err: '',
      out: `the claim that narrows sessions
  was "scope", is none
  opens: ${opens}

for some sessions: 0 opened, 0 closed
opens: ${opens}
`,
    })
    t.match(await diff('other.yaml'), {
      code: 1,
      out: `is "scp"\n  opens: ${opens}\n  closes: to sessions with the claim "scp", what it does not name\n`,
    })
    t.match(JSON.parse((await diff('new.yaml', '--json')).out), {
      same: false,
      changes: [],
      claim: { from: 'scope', to: null, opens, closes: null },
    })
  },
)

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

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config/load-config.ts'
import { packageFile } from '../../src/config/package-files.ts'
import { writeConfig } from '../config/a-config.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { at, send } from '../fixtures/http-client.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { aToken, demoSecret } from './a-token.ts'
import { runCommand } from './run-command.ts'

const demo = ['check', '--prove', '--config', packageFile('config', 'demo.yaml')]
const read = ['GET', '/api/orders/{ref}/']

/** A gateway that runs on this machine: where it stands, and what a scope needs. */
function configFor(api: string): string {
  return `environment: mock
listen: { host: 127.0.0.1, port: 0 }
admin: null
upstream: { api: "${api}" }
session: { verify: signature, jwt: { secret: { value: ${demoSecret} } } }
policy: { file: policy.yaml }
log: { level: silent }
`
}

t.test('the shipped policies are proved to keep session tokens from every never-route', async t => {
  const { code, out } = await runCommand(demo)
  t.equal(code, 0)
  t.match(out, /demo\.yaml: proved: no session token reaches 18 forbidden templates\n/)
  t.match(out, /\n {15}\* \/api\/sessions\/\*\*\n/)
  t.match(out, /\n {2}compared {5}with each of 18 routes, for the default grant\n {2}rests on {5}clients have no way/)
})

t.test('the JSON of a proof holds what is forbidden, what was found and what it rests on', async t => {
  const proved = JSON.parse((await runCommand([...demo, '--json', 'write', '/api/orders/**'])).out)
  t.match(proved, { fine: true, proved: true, forbidden: ['write /api/orders/**'], holes: [] })
  t.equal(proved.restsOn.length, 5)
  const { code, out } = await runCommand([...demo, '--json', ...read, 'DELETE', '/api/payments/**'])
  t.equal(code, 1)
  t.match(JSON.parse(out), { proved: false, forbidden: ['GET /api/orders/{ref}/', 'DELETE /api/payments/**'] })
  t.same(JSON.parse(out).holes, [
    {
      forbidden: 'GET /api/orders/{ref}/',
      forbiddenFor: null,
      method: 'GET',
      target: '/api/orders/0a1b2c3d4e/',
      route: 'GET /api/orders/{ref}/',
      scope: 'orders',
      useCases: [null],
      reported: false,
    },
  ])
})

t.test('a hole is told with a request that gets through, its route, and the sessions that get it', async t => {
  const policy = `scopes: { orders: ["GET /api/orders/{ref}/"], pay: [POST /api/payments/] }
grants: { default: [pay], useCases: { look: [orders], both: [orders, pay] } }
`
  const file = writeConfig(t, configFor('http://127.0.0.1:1'), { 'policy.yaml': policy })
  t.same(await runCommand(['check', '--prove', '--config', file, '*', '/api/orders/**', ...read]), {
    code: 1,
    err: '',
    out: `${file}: not proved: session tokens reach 2 of 2 forbidden templates

  forbidden    * /api/orders/**
  gets through GET /api/orders/0a1b2c3d4e/
  by route     GET /api/orders/{ref}/, scope orders
  of sessions  with the grant of use case look, the grant of use case both

  forbidden    GET /api/orders/{ref}/
  gets through GET /api/orders/0a1b2c3d4e/
  by route     GET /api/orders/{ref}/, scope orders
  of sessions  with the grant of use case look, the grant of use case both
`,
  })
  t.match(await runCommand(['check', '--prove', '--config', file, 'PUT', '/**']), {
    code: 0,
    out: /proved: no session token reaches 1 forbidden template\n/,
  })
})

t.test('a scope that is granted to nobody is no hole, unless its lack is only reported', async t => {
  const policy = 'scopes: { orders: ["GET /api/orders/{ref}/"] }\ngrants: { default: [] }\n'
  const lines = configFor('http://127.0.0.1:1')
  const file = writeConfig(t, lines, { 'policy.yaml': policy })
  t.match(await runCommand(['check', '--prove', '--config', file, ...read]), { code: 0 })
  const reporting = lines.replace('policy.yaml }', 'policy.yaml, mode: report }')
  t.match(
    await runCommand(['check', '--prove', '--config', writeConfig(t, reporting, { 'policy.yaml': policy }), ...read]),
    {
      code: 1,
      out: /\n {2}of sessions {2}of any grant, since a lack of scope is only reported there\n/,
    },
  )
})

t.test('the running gateway lets through what a proof says gets through, and to those sessions only', async t => {
  const recorder = await startRecorder(t)
  const policy = `scopes:
  orders: ["GET /api/orders/{ref}/", "GET /api/orders/{ref}/payments/{payment_ref}/"]
  planted: ["PATCH /api/payments/{ref}/"]
grants: { default: [orders, planted], claim: scope }
`
  const file = writeConfig(t, configFor(recorder.url), { 'policy.yaml': policy })
  const gateway = await startGateway(t, loadConfig(file))
  const ask = (method: string, path: string, scope?: string) => {
    const token = aToken(scope === undefined ? {} : { scope })
    return send({ ...at(gateway.url), method, path, headers: { Authorization: `Bearer ${token}` } })
  }
  const forbidden = ['GET', '/api/orders/**', 'write', '/api/*/closed', 'DELETE', '/**']
  const { code, out } = await runCommand(['check', '--prove', '--json', '--config', file, ...forbidden])
  t.equal(code, 1)
  const { holes } = JSON.parse(out) as { holes: { method: string; target: string; scope: string }[] }
  t.same(
    holes.map(({ method, target }) => `${method} ${target}`),
    ['GET /api/orders/0a1b2c3d4e/', 'GET /api/orders/0a1b2c3d4e/payments/0a1b2c3d4e/', 'PATCH /api/payments/closed/'],
  )
  for (const { method, target, scope } of holes) {
    t.equal((await ask(method, target)).status, 200, `${method} ${target} gets through`)
    t.match(recorder.requests.at(-1), { method, target })
    t.equal((await ask(method, target, scope)).status, 200)
    t.equal((await ask(method, target, 'another')).status, 403)
  }
  t.equal((await ask('DELETE', '/api/orders/0a1b2c3d4e/')).status, 403, 'what is proved is refused')
})

t.test('the running gateway refuses each never-route, as it is proved for its policy', async t => {
  const recorder = await startRecorder(t)
  const policy = { 'policy.yaml': '' }
  const file = writeConfig(
    t,
    configFor(recorder.url).replace('policy.yaml', packageFile('config', 'policy.yaml')),
    policy,
  )
  t.match(await runCommand(['check', '--prove', '--config', file]), { code: 0 })
  const gateway = await startGateway(t, loadConfig(file))
  const { out } = await runCommand(['check', '--prove', '--json', '--config', file])
  const { forbidden } = JSON.parse(out) as { forbidden: string[] }
  for (const text of forbidden) {
    const path = text.replace(/^\S+ /, '').replace('**', '0a1b2c3d4e/').replace('*', '9f8e7d6c5b')
    for (const method of text.startsWith('write ') ? ['POST', 'PATCH', 'PUT', 'DELETE'] : ['GET', 'POST', 'OPTIONS']) {
      const headers = { Authorization: `Bearer ${aToken()}` }
      t.equal((await send({ ...at(gateway.url), method, path, headers })).status, 403, `${method} ${path}`)
    }
  }
  t.same(recorder.requests, [])
})

t.test('what is forbidden may stand in a file, and every line that is none is told with its place', async t => {
  const folder = t.testdir({
    'forbid.yaml': 'forbid:\n  - write /api/orders/**\n  - GET /api/orders/{ref}\n',
    'wrong.yaml': 'forbid:\n  - GET\n  - "* /a/"\n  - GET /**/a/\n',
    'shape.yaml': 'forbidd: []\n',
    'empty.yaml': 'forbid: []\n',
  })
  const withFile = (name: string) => runCommand([...demo, '--forbid', join(folder, name)])
  t.match(await withFile('forbid.yaml'), { code: 1, out: /reach 1 of 2 forbidden templates/ })
  const { code, out } = await withFile('wrong.yaml')
  t.equal(code, 78)
  t.match(
    out,
    /wrong\.yaml:2:5 forbid\[0\]: must be a method.*\n.*wrong\.yaml:4:5 forbid\[2\]: "\*\*" stands for the rest/,
  )
  t.match(await withFile('shape.yaml'), { code: 78, out: /is not a known key; did you mean "forbid"/ })
  t.match(await withFile('empty.yaml'), { code: 78, out: /must be a list of forbidden templates/ })
  t.match(await withFile('absent.yaml'), { code: 78, out: /absent\.yaml: cannot be read/ })
})

const granting = `scopes: { orders: ["GET /API/Orders/{ref}/"], pay: [POST /api/payments/] }
grants: { default: [orders, pay], useCases: { balance: [pay] } }
`
const issuing = readFileSync(packageFile('config', 'demo.yaml'), 'utf8')

t.test(
  'a proof about one use case looks at its grant alone, which is the default one where it is not listed',
  async t => {
    const file = writeConfig(t, issuing, { 'policy.yaml': granting })
    const proveFor = (useCase: string, ...more: string[]) =>
      runCommand(['check', '--config', file, '--prove', '--use-case', useCase, ...more])
    const { code, out } = await proveFor('balance', ...read)
    t.equal(code, 0)
    t.match(out, /\n {2}forbidden {4}GET \/api\/orders\/\{ref\}\/ \(use case balance\)\n/)
    t.match(out, /with each of 2 routes, for the grant of use case balance\n/)
    t.match(await proveFor('balance', 'POST', '/api/Payments/'), {
      code: 1,
      out: /gets through POST \/api\/payments\/\n.*\n {2}of sessions {2}with the grant of use case balance\n/,
    })
    t.match(await proveFor('checkout', ...read), {
      code: 1,
      out: /gets through GET \/API\/Orders\/0a1b2c3d4e\/\n.*\n {2}of sessions {2}with the default grant\n/,
    })
    const json = JSON.parse((await proveFor('checkout', '--json', ...read)).out)
    t.match(json, {
      proved: false,
      forbiddenFor: ['checkout'],
      holes: [{ forbiddenFor: 'checkout', useCases: [null] }],
    })
    t.match(await proveFor('balance'), { code: 0, out: /reaches 18 forbidden templates/ })
  },
)

t.test('a use case that nobody knows is wrong usage, and the known ones are listed', async t => {
  const proveFor = (config: string, policy: string) => {
    const file = writeConfig(t, config, { 'policy.yaml': policy })
    return runCommand(['check', '--config', file, '--prove', '--use-case', 'balanse'])
  }
  t.match(await proveFor(issuing, granting), {
    code: 2,
    err: /--use-case is no use case of the policy or of issuing\.useCases: they are balance, checkout; did you mean "balance"\?/,
  })
  const none = 'scopes: {}\ngrants: { default: [] }\n'
  t.match(await proveFor(configFor('http://127.0.0.1:1'), none), { code: 2, err: /: there are none/ })
})

t.test('entries of a file may be about one use case each', async t => {
  const folder = t.testdir({
    'gateway.yaml': issuing,
    'policy.yaml': granting,
    'forbid.yaml': `forbid:
  - { template: "GET /api/orders/{ref}/", useCase: balance }
  - GET /api/orders/{ref}/
`,
    'wrong.yaml': `forbid:
  - { template: "DELETE /**", useCase: balance }
  - { template: "DELETE /**", useCase: zebra }
`,
    'odd.yaml': 'forbid: [{ templat: "GET /a/" }, 5]\n',
  })
  const prove = (name: string, ...more: string[]) =>
    runCommand(['check', '--prove', '--config', join(folder, 'gateway.yaml'), '--forbid', join(folder, name), ...more])
  const { code, out } = await prove('forbid.yaml', '--json')
  t.equal(code, 1)
  t.match(JSON.parse(out), { forbiddenFor: ['balance', null], holes: [{ forbiddenFor: null, useCases: [null] }] })
  t.equal(JSON.parse(out).holes.length, 1)
  t.match(await prove('forbid.yaml', '--use-case', 'balance'), { code: 0, out: /reaches 2 forbidden templates/ })
  const wrong = await prove('wrong.yaml')
  t.equal(wrong.code, 78)
  t.match(wrong.out, /wrong\.yaml:3:\d+ forbid\[1\]\.useCase: is no use case of .*: they are balance, checkout\n/)
  t.match((await prove('odd.yaml')).out, /forbid\[0\]\.templat: is not a known key; did you mean "template"/)
  t.match((await prove('odd.yaml')).out, /forbid\[1\]: must be a template/)
})

t.test('a pair that is no template, and one without --prove, are wrong usage', async t => {
  t.match(await runCommand([...demo, 'GET']), { code: 2, err: /come in pairs/ })
  t.match(await runCommand([...demo, ...read, 'get', '/a/']), { code: 2, err: /METHOD TEMPLATE 2: must begin with/ })
  t.match(await runCommand([...demo.filter(word => word !== '--prove'), ...read]), { code: 2, err: /are for --prove/ })
  const asking = ['check', '--config', packageFile('config', 'demo.yaml'), '--use-case', 'checkout']
  t.match(await runCommand(asking), { code: 2, err: /--use-case is for --prove/ })
})

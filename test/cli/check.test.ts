import { readFileSync } from 'node:fs'
import t from 'tap'
import { packageFile } from '../../src/config/package-files.ts'
import { fineConfig, fineEnv, fineSession, sessionSecret, writeConfig } from '../config/a-config.ts'
import { runCommand } from './run-command.ts'

t.test('a fine configuration is said to be fine, with what it amounts to', async t => {
  const file = packageFile('config', 'demo.yaml')
  t.same(await runCommand(['check', '--config', file]), {
    code: 0,
    err: '',
    out: `${file}: fine
  environment  mock
  upstream     http://127.0.0.1:4010
  sessions     verified by signature: each token was made by a holder of a key that is configured here
  policy       18 routes, scopes payment_methods, payments, orders, balance_sessions
  issuing      for the merchant's server; use cases checkout, balance
  state        in this process alone
`,
  })
})

t.test('the summary never shows a secret', async t => {
  const { out } = await runCommand(['check', '--json', '--config', writeConfig(t, fineConfig)], { env: fineEnv })
  t.notMatch(out, sessionSecret)
  t.same(JSON.parse(out), {
    fine: true,
    problems: [],
    environment: 'sandbox',
    upstream: 'https://api.sandbox.joinforage.app',
    verify: 'signature',
    routes: 18,
    scopes: ['payment_methods', 'payments', 'orders', 'balance_sessions'],
    issuedUseCases: [],
    sharesState: false,
    unreachable: [],
    reported: null,
    unpairedUseCases: [],
  })
})

t.test('where nothing is issued and the state is shared, the summary says so', async t => {
  const redis = 'state: { redisUrl: "redis://127.0.0.1:6379", namespace: shop }'
  const file = writeConfig(t, `${fineConfig}${redis}\n`)
  const { out } = await runCommand(['check', '--config', file], { env: fineEnv })
  t.match(
    out,
    '\n  issuing      none: session tokens come from elsewhere\n  state        shared in Redis, namespace shop\n',
  )
  const json = JSON.parse((await runCommand(['check', '--json', '--config', file], { env: fineEnv })).out)
  t.match(json, { issuedUseCases: [], sharesState: true })
})

t.test('what a policy lists in vain, or only reports, asks for attention and is no problem', async t => {
  const policy =
    'scopes: { orders: ["GET /api/orders/{ref}/"], spare: ["GET /api/spare/"] }\ngrants: { default: [orders] }\n'
  const lines = `environment: sandbox\n${fineSession}\npolicy: { file: policy.yaml, report: { scopes: [orders] } }\n`
  const args = ['check', '--config', writeConfig(t, lines, { 'policy.yaml': policy })]
  const { code, out } = await runCommand(args, { env: fineEnv })
  t.equal(code, 0)
  t.match(out, '  attention    GET /api/spare/ is never reached: no session is granted its scope, spare\n')
  t.match(out, /\n {2}attention {4}report mode: .* scope orders\n/)
  const json = JSON.parse((await runCommand([...args, '--json'], { env: fineEnv })).out)
  t.match(json, {
    fine: true,
    unreachable: ['GET /api/spare/ is never reached: no session is granted its scope, spare'],
  })
  t.match(json.reported, /^report mode/)
})

t.test('a route that the gateway answers itself asks for attention', async t => {
  const policy = 'scopes: { odd: ["POST /session_token/"] }\ngrants: { default: [odd] }\n'
  const demo = readFileSync(packageFile('config', 'demo.yaml'), 'utf8')
  const { code, out } = await runCommand(['check', '--config', writeConfig(t, demo, { 'policy.yaml': policy })])
  t.equal(code, 0)
  t.match(out, 'POST /session_token/ is never reached: the gateway answers it itself')
})

const issuing = readFileSync(packageFile('config', 'demo.yaml'), 'utf8')
const policyWith = (useCases: string): string =>
  `scopes: { orders: ["GET /api/orders/{ref}/"], balance_sessions: ["POST /api/balance_sessions/"] }
grants: { default: [orders, balance_sessions], useCases: { ${useCases} } }
`

t.test('a use case that only the policy or only issuing names asks for attention, and is no problem', async t => {
  const file = writeConfig(t, issuing, { 'policy.yaml': policyWith('balance: [], kiosk: [orders]') })
  const unlisted =
    'use case "checkout" of issuing.useCases is not in grants.useCases: its sessions get the default grant'
  const unissued = 'grants.useCases.kiosk is no use case of issuing.useCases: only registered tokens can carry it'
  for (const more of [[], ['--prove']]) {
    const { code, out } = await runCommand(['check', '--config', file, ...more])
    t.equal(code, 0)
    t.ok(out.endsWith(`\n  attention    ${unlisted}\n  attention    ${unissued}\n`), out)
    const json = JSON.parse((await runCommand(['check', '--config', file, '--json', ...more])).out)
    t.same(json.unpairedUseCases, [unlisted, unissued])
  }
})

t.test('a policy that lists no use case, and a gateway that issues nothing, have nothing to compare', async t => {
  const none = writeConfig(t, issuing, { 'policy.yaml': policyWith('') })
  t.notMatch((await runCommand(['check', '--config', none])).out, /attention/)
  const off = issuing.replace(/^issuing:[\s\S]*?\n\n/m, '')
  t.not(off, issuing)
  const file = writeConfig(t, off, { 'policy.yaml': policyWith('balanse: []') })
  const { code, out } = await runCommand(['check', '--config', file])
  t.equal(code, 0)
  t.notMatch(out, /attention/)
})

t.test(
  'a use case of the policy that is nearly called as an issued one is misspelt, unless both are listed',
  async t => {
    for (const more of [[], ['--prove']]) {
      const file = writeConfig(t, issuing, {
        'policy.yaml': policyWith('checkout: [orders], balanse: [balance_sessions]'),
      })
      const { code, out } = await runCommand(['check', '--config', file, ...more])
      t.equal(code, 78)
      t.match(
        out,
        /: 1 problem\n.*policy\.yaml:2:\d+ policy\.yaml: grants\.useCases\.balanse: is no use case of issuing\.useCases; did you mean "balance"\?/,
      )
    }
    const both = writeConfig(t, issuing, { 'policy.yaml': policyWith('checkout: [], balance: [], balanse: []') })
    t.match(await runCommand(['check', '--config', both]), {
      code: 0,
      out: /attention {4}grants\.useCases\.balanse is no/,
    })
  },
)

t.test(
  'a misspelt use case is told beside what else is wrong with the policy, and not where issuing itself is',
  async t => {
    const text = policyWith('balanse: [nothing]')
    const { out } = await runCommand(['check', '--config', writeConfig(t, issuing, { 'policy.yaml': text })])
    t.match(out, /: 2 problems\n/)
    t.match(out, /did you mean "balance"/)
    const odd = issuing.replace('balance: {} }', 'balance: 1 }')
    const second = await runCommand([
      'check',
      '--config',
      writeConfig(t, odd, { 'policy.yaml': policyWith('balanse: []') }),
    ])
    t.match(second, { code: 78, out: /: 1 problem\n.*issuing\.useCases\.balance/ })
  },
)

t.test('two routes that one request could match, and a route that no token may reach, are problems', async t => {
  const policy =
    'scopes: { a: ["GET /api/x/{ref}/", "GET /api/x/one/", "POST /api/sessions/"] }\ngrants: { default: [a] }\n'
  const lines = `environment: sandbox\n${fineSession}\npolicy: { file: policy.yaml }\n`
  const args = ['check', '--prove', '--config', writeConfig(t, lines, { 'policy.yaml': policy })]
  const { code, out } = await runCommand(args, { env: fineEnv })
  t.equal(code, 78)
  t.match(out, /policy\.yaml:1:\d+ policy\.yaml: scopes\.a\[1\]: "GET \/api\/x\/one\/" overlaps/)
  t.match(out, /scopes\.a\[2\]: "POST \/api\/sessions\/" would open/)
})

t.test('every problem is shown on a line of its own, and the exit code is 78', async t => {
  const file = writeConfig(t, `${fineConfig}upstream: { vault: "http://vault.example" }\nlisten: { port: x }\n`)
  t.same(await runCommand(['check', '--config', file], { env: fineEnv }), {
    code: 78,
    err: '',
    out: `${file}: 2 problems
  ${file}:4:13 upstream.vault: must be https:// off this machine: write https://, or a loopback address
  ${file}:5:11 listen.port: must be a port from 0 to 65535 (0 picks a free one)
`,
  })
  const json = await runCommand(['check', '--config', file, '--json'], { env: fineEnv })
  t.equal(json.code, 78)
  t.match(JSON.parse(json.out), {
    fine: false,
    problems: [{ path: 'upstream.vault', line: 4, column: 13 }, { path: 'listen.port' }],
  })
})

t.test('a file that is not there is a wrong configuration', async t => {
  t.match(await runCommand(['check', '--config', '/absent.yaml']), {
    code: 78,
    out: /cannot be read: there is no such file/,
  })
})

import t from 'tap'
import { packageFile } from '../../src/config/package-files.ts'
import { fineConfig, fineEnv, sessionSecret, writeConfig } from '../config/a-config.ts'
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
  })
})

t.test('every problem is shown on a line of its own, and the exit code is 78', async t => {
  const file = writeConfig(t, `${fineConfig}tracing: { otlpEndpoint: "http://127.0.0.1:4318" }\nlisten: { port: x }\n`)
  t.same(await runCommand(['check', '--config', file], { env: fineEnv }), {
    code: 78,
    err: '',
    out: `${file}: 2 problems
  ${file}:4:12 tracing.otlpEndpoint: not available yet: tracing; write null or leave it out
  ${file}:5:11 listen.port: must be a port from 0 to 65535 (0 picks a free one)
`,
  })
  const json = await runCommand(['check', '--config', file, '--json'], { env: fineEnv })
  t.equal(json.code, 78)
  t.match(JSON.parse(json.out), {
    fine: false,
    problems: [{ path: 'tracing.otlpEndpoint', line: 4, column: 12 }, { path: 'listen.port' }],
  })
})

t.test('a file that is not there is a wrong configuration', async t => {
  t.match(await runCommand(['check', '--config', '/absent.yaml']), {
    code: 78,
    out: /cannot be read: there is no such file/,
  })
})

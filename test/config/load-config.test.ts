import { basename, join } from 'node:path'
import t from 'tap'
import { ConfigError } from '../../src/config/config-error.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { packageFile } from '../../src/config/package-files.ts'
import {
  fineConfig,
  fineEnv,
  finePolicy,
  fineSession,
  load,
  pathsIn,
  problemsIn,
  problemsOf,
  writeConfig,
} from './a-config.ts'

t.test('what is left out takes the default of the contract', async t => {
  const { policy, session, source, ...config } = load(t, fineConfig)
  t.same(
    Object.keys(source?.snapshot.files ?? {}).map(file => basename(file)),
    ['gateway.yaml', 'policy.yaml'],
  )
  t.same(config, {
    environment: 'sandbox',
    workers: 1,
    listen: { host: '0.0.0.0', port: 8080, trustedProxies: [] },
    upstream: {
      api: 'https://api.sandbox.joinforage.app',
      connections: 64,
      localAddresses: [],
      budget: { requests: 900, windowSec: 300, maxWaitMs: 1500 },
      connectTimeoutMs: 3000,
      headersTimeoutMs: 30000,
      bodyTimeoutMs: 30000,
    },
    admin: { host: '127.0.0.1', port: 9090, token: undefined },
    merchantAccounts: [],
    issuing: null,
    limits: {
      perSession: { requests: 60, windowSec: 60 },
      perAddress: { requests: 300, windowSec: 60 },
      denialsPerAddress: { requests: 60, windowSec: 60 },
      maxBodyBytes: 1048576,
      maxHeaderBytes: 16384,
    },
    state: { namespace: 'default', redis: null },
    cors: { origins: [] },
    log: { level: 'info', destination: 'stdout', format: 'plain', sampleSuccesses: 1 },
    audit: null,
    tracing: null,
    forwardAuth: null,
    lameDuckMs: 0,
    drainTimeoutMs: 30000,
  })
  t.same(
    session.keys.jwtSecrets.map(secret => Buffer.from(secret).toString()),
    ['abcdefghijklmnopqrstuvwxyz012345'],
  )
  t.match(session, { verify: 'signature', maxLifetimeSec: 900, clockToleranceSec: 5, timestamped: null })
  t.same(session.formats, ['jwt'], 'timestamped is accepted where there is a key for it')
  t.same(session.jwt, { algorithms: ['HS256'], issuer: null, audience: null, jwksUrl: null })
  t.equal(policy.routes.length, 18)
})

t.test('what is written is kept', async t => {
  const config = load(
    t,
    `${fineConfig}
listen: { host: "::1", port: 0, trustedProxies: [10.0.0.0/8, "fd00::/8"] }
upstream: { api: "https://api.example:8443/", connections: 1, connectTimeoutMs: 1, headersTimeoutMs: 2, bodyTimeoutMs: 600000 }
merchantAccounts: ["123ab45c67", mid/9000001, ["abc", "1234567"]]
admin: { host: "::1", port: 0, token: { env: FORAGE_SESSION_SECRET } }
limits: { maxBodyBytes: null, maxHeaderBytes: 1024, perSession: null, perAddress: null, denialsPerAddress: null }
cors: { origins: ["https://shop.example", "http://localhost:3000", "capacitor://localhost"] }
log: { level: silent, destination: gateway.log }
lameDuckMs: 60000
drainTimeoutMs: 0
`,
  )
  t.same(config.listen, { host: '::1', port: 0, trustedProxies: ['10.0.0.0/8', 'fd00::/8'] })
  t.equal(config.upstream.api, 'https://api.example:8443')
  t.equal(config.upstream.bodyTimeoutMs, 600000)
  t.same(config.merchantAccounts, [['123ab45c67'], ['mid/9000001'], ['abc', '1234567']])
  t.match(config.admin, { host: '::1', port: 0 })
  t.equal(Buffer.from(config.admin?.token ?? '').toString(), 'abcdefghijklmnopqrstuvwxyz012345')
  const noRates = { perSession: null, perAddress: null, denialsPerAddress: null }
  t.same(config.limits, { maxBodyBytes: null, maxHeaderBytes: 1024, ...noRates })
  t.same(config.cors.origins, ['https://shop.example', 'http://localhost:3000', 'capacitor://localhost'])
  t.match(config.log.destination, /^\/.*gateway\.log$/, 'a relative destination begins at the folder of the file')
  t.equal(config.lameDuckMs, 60_000)
  t.equal(config.drainTimeoutMs, 0)
})

t.test('a file may be JSON, and its policy is found beside it', async t => {
  const text = JSON.stringify({
    environment: 'mock',
    upstream: { api: 'http://forage.internal' },
    session: { verify: 'signature', jwt: { secret: { value: 'short' } } },
  })
  const policy = 'scopes: { orders: ["GET /api/orders/{ref}/"] }\ngrants: { default: [orders] }\n'
  const config = loadConfig(writeConfig(t, text, { 'policy.yaml': policy }))
  t.equal(config.upstream.api, 'http://forage.internal')
  t.equal(config.policy.routes.length, 1)
})

t.test('no limit on the field lines means the most that Node can be told', async t => {
  t.equal(load(t, `${fineConfig}limits: { maxHeaderBytes: null }`).limits.maxHeaderBytes, 65536)
})

t.test('five mistakes are five problems, each with its key and place', async t => {
  const problems = problemsIn(
    t,
    `environment: sandbox
listen: { port: 65536 }
upstream: { api: "http://api.example" }
session: { verify: ledgr, jwt: { secret: { file: absent } } }
policy: { file: policy.yaml }
limts: {}
`,
    { 'policy.yaml': 'scopes: { orders: [GET /api/orders/x] }\ngrants: { default: [orders] }\n' },
  )
  t.same(
    problems.map(({ path, line, column }) => ({ path, line, column })),
    [
      { path: 'listen.port', line: 2, column: 11 },
      { path: 'upstream.api', line: 3, column: 13 },
      { path: 'session.verify', line: 4, column: 12 },
      { path: 'limts', line: 6, column: 1 },
      { path: 'policy.yaml: scopes.orders[0]', line: 1, column: 20 },
    ],
  )
  t.match(problems[3]?.message, /did you mean "limits"/)
})

t.test('every problem line names the file and the place, the key and what to write', async t => {
  const file = writeConfig(t, `${fineConfig}listen: { port: no }`)
  t.throws(() => loadConfig(file, fineEnv), {
    code: 'ERR_FORAGE_CONFIG',
    message: `${file}: 1 problem\n${file}:4:11 listen.port: must be a port from 0 to 65535 (0 picks a free one)`,
  })
})

t.test('a configuration that names no environment is not held to the rules of one', async t => {
  const text = `upstream: { api: "http://api.example" }
session: { verify: signature, jwt: { secret: { value: short } } }
${finePolicy}`
  t.same(pathsIn(t, text), ['environment'])
  t.same(pathsIn(t, `environment: Prod\n${text}`), ['environment'])
})

t.test('mock and local must say where the Payments API is', async t => {
  for (const environment of ['mock', 'local'])
    t.same(pathsIn(t, `environment: ${environment}\n${fineSession}\n${finePolicy}`), ['upstream.api'])
})

t.test('sections of the wrong type are one problem each, without echoes from within', async t => {
  const text = `environment: sandbox\nadmin: 1\nsession: 1\nlisten: []\nlimits: yes\nlog: ~\n${finePolicy}`
  t.same(pathsIn(t, text), ['admin', 'session', 'listen', 'limits', 'log'])
})

for (const [text, path, sentence] of [
  ['limits: { perSession: 60 }', 'limits.perSession', 'must be keys and values: { requests, windowSec }, or null'],
  [
    'upstream: { budget: off }',
    'upstream.budget',
    'must be keys and values: { requests, windowSec, maxWaitMs }, or null',
  ],
  ['listen: { tls: on }', 'listen.tls', 'must be keys and values: { certFile, keyFile, clientCaFile }'],
  ['cors: "*"', 'cors', 'must be keys and values: { origins }'],
] as const) {
  t.test(`who writes "${text}" is told the keys, and of null where it is one of the choices`, async t => {
    t.match(problemsIn(t, `${fineConfig}${text}\n`), [{ path, message: sentence }])
  })
}

t.test('who writes production is asked about prod', async t => {
  const problems = problemsIn(t, `environment: production\n${finePolicy}\n${fineSession}\n`)
  t.match(problems, [{ path: 'environment', message: /must be one of mock, .*, prod; did you mean "prod"\?$/ }])
})

const outOfRange: [string, string][] = [
  ['listen: { port: -1 }', 'listen.port'],
  ['listen: { port: 80.5 }', 'listen.port'],
  ['listen: { host: "http://a" }', 'listen.host'],
  ['upstream: { connections: 0 }', 'upstream.connections'],
  ['upstream: { headersTimeoutMs: 0 }', 'upstream.headersTimeoutMs'],
  ['upstream: { bodyTimeoutMs: 600001 }', 'upstream.bodyTimeoutMs'],
  ['limits: { maxBodyBytes: 0 }', 'limits.maxBodyBytes'],
  ['limits: { perSession: { requests: 0 } }', 'limits.perSession.requests'],
  ['limits: { perAddress: { windowSec: 86401 } }', 'limits.perAddress.windowSec'],
  ['limits: { denialsPerAddress: 60 }', 'limits.denialsPerAddress'],
  ['upstream: { budget: { requests: 0 } }', 'upstream.budget.requests'],
  ['upstream: { budget: { maxWaitMs: 60001 } }', 'upstream.budget.maxWaitMs'],
  ['upstream: { localAddresses: [here] }', 'upstream.localAddresses[0]'],
  ['upstream: { localAddresses: [127.0.0.2, 127.0.0.2] }', 'upstream.localAddresses[1]'],
  ['limits: { maxHeaderBytes: 1023 }', 'limits.maxHeaderBytes'],
  ['limits: { maxHeaderBytes: 65537 }', 'limits.maxHeaderBytes'],
  ['merchantAccounts: [9000001]', 'merchantAccounts[0]'],
  ['merchantAccounts: ["a b"]', 'merchantAccounts[0]'],
  ['cors: { origins: ["https://shop.example/"] }', 'cors.origins[0]'],
  ['cors: { origins: ["https://Shop.example"] }', 'cors.origins[0]'],
  ['cors: { origins: ["https://shop.example:443"] }', 'cors.origins[0]'],
  ['cors: { origins: ["*"] }', 'cors.origins[0]'],
  ['cors: { origins: ["null"] }', 'cors.origins[0]'],
  ['log: { level: loud }', 'log.level'],
  ['log: { destination: "" }', 'log.destination'],
  ['lameDuckMs: -1', 'lameDuckMs'],
  ['lameDuckMs: 60001', 'lameDuckMs'],
  ['drainTimeoutMs: -1', 'drainTimeoutMs'],
  ['drainTimeoutMs: 600001', 'drainTimeoutMs'],
  ['forwardAuth: { prot: 1 }', 'forwardAuth.prot'],
  ['listen: { trustedProxies: [10.0.0.0/33] }', 'listen.trustedProxies[0]'],
  ['workers: 0', 'workers'],
  ['admin: { port: 65536 }', 'admin.port'],
  ['admin: { token: abc }', 'admin.token'],
  ['admin: { tokn: 1 }', 'admin.tokn'],
  ['merchantAccounts: [[]]', 'merchantAccounts[0]'],
  ['merchantAccounts: [["a", 1]]', 'merchantAccounts[0]'],
  ['merchantAccounts: [[["a"]]]', 'merchantAccounts[0]'],
]

for (const [text, path] of outOfRange) {
  t.test(`"${text}" is refused`, async t => {
    t.same(pathsIn(t, `${fineConfig}${text}`), [path])
  })
}

const sessionOutOfRange: [string, string][] = [
  ['maxLifetimeSec: 0', 'session.maxLifetimeSec'],
  ['maxLifetimeSec: 86401', 'session.maxLifetimeSec'],
  ['clockToleranceSec: 301', 'session.clockToleranceSec'],
  ['clockToleranceSec: -1', 'session.clockToleranceSec'],
  ['formats: []', 'session.formats'],
  ['formats: [paseto]', 'session.formats[0]'],
  ['formats: [timestamped]', 'session.timestamped'],
]

for (const [text, path] of sessionOutOfRange) {
  t.test(`"session.${text}" is refused`, async t => {
    const session = `session: { verify: signature, jwt: { secret: { env: FORAGE_SESSION_SECRET } }, ${text} }`
    t.same(pathsIn(t, `environment: sandbox\n${session}\n${finePolicy}`), [path])
  })
}

t.test('a file that cannot be read is said to be so', async t => {
  const folder = t.testdir({ 'latin-1.yaml': Buffer.from([0x61, 0x3a, 0xe9]) })
  t.match(problemsOf(join(folder, 'absent.yaml')), [{ path: 'absent.yaml', message: /there is no such file/ }])
  t.match(problemsOf(folder), [{ message: /it is a folder/ }])
  t.match(problemsOf(join(folder, 'latin-1.yaml')), [{ message: /not UTF-8/ }])
})

t.test('a policy file that cannot be read is a problem of policy.file', async t => {
  const text = `environment: sandbox\n${fineSession}\npolicy: { file: absent.yaml }`
  t.match(problemsIn(t, text), [
    { path: 'policy.file', line: 3, message: /absent\.yaml cannot be read: there is no such/ },
  ])
})

t.test('the policies that are shipped load', async t => {
  for (const name of ['policy.yaml', 'policy.strict.yaml']) {
    const file = JSON.stringify(packageFile('config', name))
    t.doesNotThrow(() => load(t, `environment: sandbox\n${fineSession}\npolicy: { file: ${file} }`), name)
  }
})

t.test('the configuration of the demo loads without any environment variable', async t => {
  const config = loadConfig(packageFile('config', 'demo.yaml'), {})
  t.match(config, { environment: 'mock', listen: { host: '127.0.0.1', port: 8080 }, log: { destination: 'stderr' } })
  t.match(config.admin, { host: '127.0.0.1', port: 9090 })
})

t.test('what is thrown is a ConfigError', async t => {
  try {
    loadConfig('/absent/gateway.yaml', {})
    t.fail('an absent file was loaded')
  } catch (error) {
    t.ok(error instanceof ConfigError)
  }
})

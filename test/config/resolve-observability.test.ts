import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config/load-config.ts'
import { fineConfig, fineEnv, load, pathsIn, problemsIn, writeConfig } from './a-config.ts'

const key31 = 'k'.repeat(31)
const key32 = 'k'.repeat(32)

t.test('logging is plain and whole, and there is no audit trail, no tracing and no authorizer by default', async t => {
  const { log, audit, tracing, forwardAuth } = load(t, fineConfig)
  t.same(log, { level: 'info', destination: 'stdout', format: 'plain', sampleSuccesses: 1 })
  t.same([audit, tracing, forwardAuth], [null, null, null])
})

t.test('what is written of logs, audit trail and tracing is what is used', async t => {
  const text = `${fineConfig}
log: { format: gcp, gcpProject: my-shop-1, sampleSuccesses: 0.25, fingerprintKey: { file: key } }
audit: { destination: audit.log, key: { file: key } }
tracing: { otlpEndpoint: "http://127.0.0.1:4318", headers: { x-api-key: { file: key } }, sampleRatio: 0, serviceName: shop }
forwardAuth: { front: nginx, port: 0 }
`
  const file = writeConfig(t, text, { key: `${key32}\n` })
  const { log, audit, tracing, forwardAuth } = loadConfig(file, fineEnv)
  t.match(log, { format: 'gcp', gcpProject: 'my-shop-1', sampleSuccesses: 0.25 })
  // printf kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk | sha256sum
  const digest = '5e318f8cf9cbe249a30812b8ca132d691ded7a91991413558db5758575f5e01f'
  t.equal(Buffer.from(log.fingerprintKey ?? []).toString('hex'), digest)
  t.equal(Buffer.from(audit?.key ?? []).toString('hex'), digest)
  t.equal(audit?.destination, join(file, '..', 'audit.log'))
  t.same(tracing, {
    otlpEndpoint: 'http://127.0.0.1:4318',
    headers: { 'x-api-key': key32 },
    sampleRatio: 0,
    trustClientSampling: true,
    serviceName: 'shop',
  })
  t.same(forwardAuth, { host: '127.0.0.1', port: 0, front: 'nginx' })
})

t.test('a key of 31 octets is refused, and one of 32 is not', async t => {
  const text = `${fineConfig}log: { fingerprintKey: { file: key } }\naudit: { destination: stdout, key: { file: key } }\n`
  t.same(pathsIn(t, text, { key: key31 }), ['log.fingerprintKey', 'audit.key'])
  t.same(pathsIn(t, text, { key: key32 }), [])
})

for (const [line, path] of [
  ['log: { sampleSuccesses: 1.01 }', 'log.sampleSuccesses'],
  ['log: { sampleSuccesses: -0.01 }', 'log.sampleSuccesses'],
  ['log: { format: cef }', 'log.format'],
  ['log: { gcpProject: "a/b" }', 'log.gcpProject'],
  ['audit: {}', 'audit.destination'],
  ['audit: { destination: "" }', 'audit.destination'],
  ['tracing: { otlpEndpoint: "ftp://a" }', 'tracing.otlpEndpoint'],
  ['tracing: { otlpEndpoint: "http://user:secret@a" }', 'tracing.otlpEndpoint'],
  ['tracing: { otlpEndpoint: "http://a/?key=secret" }', 'tracing.otlpEndpoint'],
  ['tracing: { otlpEndpoint: "http://[" }', 'tracing.otlpEndpoint'],
  ['tracing: { headers: { x-key: secret } }', 'tracing.headers.x-key'],
  ['tracing: { headers: { x-key: { file: missing } } }', 'tracing.headers.x-key.file'],
  ['tracing: { serviceName: "a b" }', 'tracing.serviceName'],
  ['forwardAuth: { front: apache }', 'forwardAuth.front'],
] as const) {
  t.test(`${line} is refused at ${path}, and what stands there is not repeated`, async t => {
    const problems = problemsIn(t, `${fineConfig}${line}\n`)
    t.same(
      problems.map(problem => problem.path),
      [path],
    )
    t.notMatch(problems[0]?.message, 'secret@')
  })
}

t.test('a value that cannot travel in a header field is refused', async t => {
  const line = 'tracing: { otlpEndpoint: "https://a", headers: { x-key: { file: key } } }\n'
  t.same(pathsIn(t, fineConfig + line, { key: 'a\nb' }), ['tracing.headers.x-key'])
  t.same(pathsIn(t, fineConfig + line, { key: 'ab' }), [])
})

t.test('secrets for the receiver of traces do not leave this machine in plain text', async t => {
  const line = (url: string, more: string) => `${fineConfig}tracing: { otlpEndpoint: "${url}"${more} }\n`
  const headers = ', headers: { x-key: { file: key } }'
  t.same(pathsIn(t, line('http://collector:4318', headers), { key: 'k' }), ['tracing.otlpEndpoint'])
  t.same(pathsIn(t, line('http://127.0.0.1:4318', headers), { key: 'k' }), [])
  t.same(pathsIn(t, line('https://collector:4318', headers), { key: 'k' }), [])
  t.same(pathsIn(t, line('http://collector:4318', '')), [], 'spans alone may: many collectors stand beside the gateway')
})

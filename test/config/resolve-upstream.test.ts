import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config/load-config.ts'
import { createAuthority, withoutOpenssl } from '../fixtures/upstream-certificates.ts'
import { fineEnv, finePolicy, fineSession, load, problemsIn, writeConfig } from './a-config.ts'

function config(environment: string, api: string): string {
  return `environment: ${environment}\n${fineSession}\n${finePolicy}\nupstream: { api: ${JSON.stringify(api)} }`
}

const origins: [string, string][] = [
  ['dev', 'https://api.dev.joinforage.app'],
  ['staging', 'https://api.staging.joinforage.app'],
  ['cert', 'https://api.cert.joinforage.app'],
  ['prod', 'https://api.joinforage.app'],
]

for (const [environment, origin] of origins) {
  t.test(`${environment} goes to ${origin} unless told otherwise`, async t => {
    t.equal(load(t, `environment: ${environment}\n${fineSession}\n${finePolicy}`).upstream.api, origin)
  })
}

const accepted: [string, string, string][] = [
  ['prod', 'http://127.0.0.1:4010', 'http://127.0.0.1:4010'],
  ['prod', 'http://127.255.255.254', 'http://127.255.255.254'],
  ['prod', 'http://[::1]:80/', 'http://[::1]'],
  ['prod', 'http://localhost:1', 'http://localhost:1'],
  ['prod', 'https://API.example', 'https://api.example'],
  ['mock', 'http://forage.internal:8000', 'http://forage.internal:8000'],
  ['local', 'http://10.0.0.1', 'http://10.0.0.1'],
]

for (const [environment, api, origin] of accepted) {
  t.test(`${environment} accepts ${api}`, async t => {
    t.equal(load(t, config(environment, api)).upstream.api, origin)
  })
}

const refused: [string, string][] = [
  ['prod', 'http://api.example'],
  ['prod', 'http://128.0.0.1'],
  ['prod', 'http://126.255.255.255'],
  ['prod', 'http://[::2]'],
  ['prod', 'http://localhost.example'],
  ['sandbox', 'http://127.0.0.1.example'],
  ['prod', 'https://api.example/api'],
  ['prod', 'https://api.example?x=1'],
  ['prod', 'https://api.example#x'],
  ['prod', 'https://user@api.example'],
  ['prod', 'https://api.example:65536'],
  ['prod', 'ftp://api.example'],
  ['prod', 'api.example'],
  ['mock', ''],
]

for (const [environment, api] of refused) {
  t.test(`${environment} refuses "${api}"`, async t => {
    t.match(problemsIn(t, config(environment, api)), [{ path: 'upstream.api' }])
  })
}

function withTls(lines: string): string {
  return `environment: sandbox\n${fineSession}\n${finePolicy}\nupstream: { ${lines} }`
}

t.test('without files for TLS there is nothing of it in the configuration', async t => {
  t.notOk('tls' in load(t, withTls('ca: null, clientCertFile: null, clientKeyFile: null')).upstream)
})

t.test('files for TLS', { skip: withoutOpenssl() }, async t => {
  const authority = createAuthority(t.testdir(), 'own')
  const pair = authority.issue('DNS:gateway')
  const other = authority.issue('DNS:other')
  const old = authority.issue('DNS:gateway', { from: '20200101000000Z', to: '20210101000000Z' })
  const files = {
    'ca.pem': authority.cert,
    'gateway.crt': pair.cert,
    'gateway.key': pair.key,
    'other.key': other.key,
    'old.crt': old.cert,
    'old.key': old.key,
    'half.pem': authority.cert.slice(0, -40),
    'none.pem': 'not a certificate\n',
  }

  t.test('are read at load, relative to the configuration', async t => {
    const text = withTls('ca: ca.pem, clientCertFile: gateway.crt, clientKeyFile: gateway.key')
    const { upstream } = loadConfig(writeConfig(t, text, files), fineEnv)
    t.same(upstream.tls, { ca: authority.cert, clientCert: pair.cert, clientKey: pair.key })
  })

  t.test('may be named by their whole path', async t => {
    const folder = t.testdir(files)
    const text = withTls(`ca: ${JSON.stringify(join(folder, 'ca.pem'))}`)
    t.test('from elsewhere', async t => t.same(load(t, text).upstream.tls, { ca: authority.cert }))
  })

  for (const [lines, path, message] of [
    ['ca: missing.pem', 'upstream.ca', /^cannot be read: /],
    ['ca: none.pem', 'upstream.ca', /PEM/],
    ['ca: half.pem', 'upstream.ca', /PEM/],
    ['ca: gateway.key', 'upstream.ca', /PEM/],
    ['clientCertFile: gateway.crt', 'upstream.clientKeyFile', /is needed with clientCertFile/],
    ['clientKeyFile: gateway.key', 'upstream.clientCertFile', /is needed with clientKeyFile/],
    ['clientCertFile: gateway.crt, clientKeyFile: other.key', 'upstream.clientKeyFile', /in clientCertFile/],
    ['clientCertFile: gateway.crt, clientKeyFile: none.pem', 'upstream.clientKeyFile', /private key/],
    ['clientCertFile: none.pem, clientKeyFile: gateway.key', 'upstream.clientCertFile', /PEM/],
    ['clientCertFile: old.crt, clientKeyFile: old.key', 'upstream.clientCertFile', /expired/],
  ] as const) {
    t.test(`${lines} is refused at ${path}`, async t => {
      const problems = problemsIn(t, withTls(lines), files)
      t.match(problems, [{ path, message }])
      t.equal(problems.length, 1)
    })
  }
})

import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config/load-config.ts'
import { makeCertificate } from '../fixtures/certificate.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { fineConfig, fineEnv, load, problemsIn, writeConfig } from './a-config.ts'

t.test('without listen.tls there is none, and nobody is trusted', async t => {
  t.same(load(t, `${fineConfig}listen: { tls: null }`).listen, { host: '0.0.0.0', port: 8080, trustedProxies: [] })
})

t.test('files that are not there are reported together, with their keys and lines', async t => {
  const problems = problemsIn(
    t,
    `${fineConfig}listen:\n  port: -1\n  tls:\n    certFile: a.crt\n    keyFile: a.key\n    clientCaFile: .\n`,
  )
  t.match(problems, [
    { path: 'listen.port' },
    { path: 'listen.tls.certFile', message: /^cannot be read: there is no such file; relative/, line: 7 },
    { path: 'listen.tls.keyFile', message: /^cannot be read: there is no such file/, line: 8 },
    { path: 'listen.tls.clientCaFile', message: /^cannot be read: it is a folder/, line: 9 },
  ])
})

t.test('files that do not hold what they should are reported together, and never what they hold', async t => {
  const tls = 'listen: { tls: { certFile: a, keyFile: b, clientCaFile: c } }\n'
  const problems = problemsIn(t, fineConfig + tls, { a: 'hidden', b: 'hidden', c: 'hidden' })
  t.same(
    problems.map(({ path }) => path),
    ['listen.tls.certFile', 'listen.tls.keyFile', 'listen.tls.clientCaFile'],
  )
  t.notMatch(JSON.stringify(problems), /hidden/)
})

t.test('a pair is read beside the configuration, and can be read again', { skip: missingPart('openssl') }, async t => {
  const file = writeConfig(t, `${fineConfig}listen: { tls: { certFile: one.crt, keyFile: one.key } }\n`)
  const folder = join(file, '..')
  const one = makeCertificate(folder, 'one')
  const other = makeCertificate(folder, 'other')
  const { listen, source } = loadConfig(file, fineEnv)
  t.same(listen.tls, { cert: one.cert, key: one.key, clientCa: null })
  for (const each of [one.certFile, one.keyFile]) t.ok(each in (source?.snapshot.files ?? {}))

  copyFileSync(other.certFile, one.certFile)
  const again = () => source?.readAgain().listen.tls
  t.throws(again, { code: 'ERR_FORAGE_CONFIG', message: /keyFile: is not the key of the certificate/ })
  copyFileSync(other.keyFile, one.keyFile)
  t.same(again(), { cert: other.cert, key: other.key, clientCa: null })
  writeFileSync(one.keyFile, '')
  t.throws(again, { message: /must hold a private key/ })
})

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { loadConfig } from '../../src/config/load-config.ts'
import type { Gateway } from '../../src/gateway.ts'
import { fineEnv, finePolicy, writeConfig } from '../config/a-config.ts'
import { makeCertificate } from '../fixtures/certificate.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { at, send } from '../fixtures/http-client.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { startRedis } from '../fixtures/redis-server.ts'
import { openTls } from '../fixtures/tls-connection.ts'
import { aToken, testSecret } from '../fixtures/token.ts'

const lines = (listen: string, secret: string) => `environment: mock
listen: { host: 127.0.0.1, port: 0${listen} }
admin: null
upstream: { api: "http://127.0.0.1:9" }
session: { verify: signature, jwt: { secret: ${secret} } }
${finePolicy}
log: { destination: access.log }
drainTimeoutMs: 0
`

/** Waits until the log says a thing. */
async function untilLogged(file: string, text: string): Promise<void> {
  while (!readFileSync(file, 'utf8').includes(text)) await new Promise(resolve => setTimeout(resolve, 20))
}

/** Common name that a new connection is shown. */
async function shownBy(t: Test, gateway: Gateway, ca: string): Promise<string> {
  const client = await openTls(t, gateway.url, { ca })
  client.socket.destroy()
  return client.shown
}

t.test(
  'a certificate that is renewed on disk is shown to new connections; a pair that does not fit is not',
  { skip: missingPart('openssl') },
  async t => {
    const literal = `{ value: ${Buffer.from(testSecret).toString('hex')} }`
    const file = writeConfig(t, lines(', tls: { certFile: one.crt, keyFile: one.key }', literal))
    const folder = file.replace(/gateway\.yaml$/, '')
    const [one, other] = [makeCertificate(folder, 'one'), makeCertificate(folder, 'other')]
    const ca = one.cert + other.cert
    const gateway = await startGateway(t, loadConfig(file, fineEnv))
    const log = `${folder}access.log`
    const old = await openTls(t, gateway.url, { ca })
    t.equal(old.shown, 'one')

    writeFileSync(one.certFile, other.cert.slice(0, 300))
    await untilLogged(log, 'listen.tls.certFile: must hold one or more whole certificates')
    t.equal(await shownBy(t, gateway, ca), 'one', 'half a file')
    copyFileSync(other.certFile, one.certFile)
    await untilLogged(log, 'listen.tls.keyFile: is not the key of the certificate in certFile')
    t.equal(await shownBy(t, gateway, ca), 'one', 'one file of two')
    copyFileSync(other.keyFile, one.keyFile)
    await untilLogged(log, 'the configuration is in force')
    t.equal(await shownBy(t, gateway, ca), 'other')

    old.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    t.match(await old.until('"ref":""}}]}'), /^HTTP\/1\.1 401/, 'the old connection is still there')
    t.notOk(readFileSync(log, 'utf8').includes(other.key.split('\n')[1] ?? ''), 'nothing of the key is logged')
  },
)

t.test('a session secret that is renewed on disk counts from then on; an empty file does not', async t => {
  const recorder = await startRecorder(t)
  const file = writeConfig(t, lines('', '{ file: secret }'), { secret: testSecret.toString() })
  const folder = file.replace(/gateway\.yaml$/, '')
  const config = loadConfig(file, fineEnv)
  const gateway = await startGateway(t, { ...config, upstream: { ...config.upstream, api: recorder.url } })
  const exp = Math.floor(Date.now() / 1000) + 600
  const token = aToken({ claims: { a: 42, exp } }).replace(/^sandbox_/, 'mock_')
  const ask = () => send({ ...at(gateway.url), path: '/api/orders/a/', headers: { Authorization: `Bearer ${token}` } })
  t.match(await ask(), { status: 200 })
  writeFileSync(`${folder}secret`, '')
  await untilLogged(`${folder}access.log`, 'the changed configuration is not fit')
  t.match(await ask(), { status: 200 })
  writeFileSync(`${folder}secret`, 'another secret, of thirty-two octets or more')
  await untilLogged(`${folder}access.log`, 'the configuration is in force')
  t.match(await ask(), { status: 401 })
})

t.test(
  'a password of Redis that is renewed on disk signs in from then on; that of another Redis waits for a restart',
  { skip: missingPart('redis-server') },
  async t => {
    const redis = await startRedis(t, { args: ['--requirepass', 'the old one'], client: { password: 'the old one' } })
    const state = `state: { redisUrl: "${redis.url}", redisPassword: { file: password } }\n`
    const text = lines('', `{ value: ${Buffer.from(testSecret).toString('hex')} }`) + state
    const file = writeConfig(t, text, { password: 'the old one' })
    const folder = file.replace(/gateway\.yaml$/, '')
    const log = `${folder}access.log`
    await startGateway(t, loadConfig(file, fineEnv))
    await untilLogged(log, '"event":"state_connected"')

    const operator = await redis.look()
    await operator.config('SET', 'requirepass', 'the new one')
    writeFileSync(`${folder}password`, 'the new one')
    await untilLogged(log, 'the configuration is in force')
    await operator.call('CLIENT', 'KILL', 'SKIPME', 'yes')
    await untilLogged(log, '"event":"state_away"')
    await untilLogged(log, '"reconnects":1')
    t.notMatch(readFileSync(log, 'utf8'), /restart_needed|WRONGPASS|the (?:old|new) one/)

    writeFileSync(file, text.replace(redis.url, 'redis://127.0.0.1:9'))
    await untilLogged(log, '"event":"restart_needed","keys":["state"]')
    writeFileSync(`${folder}password`, 'the password of the other Redis')
    await untilLogged(log, '"event":"configuration_loaded","config_generation":4')
    await operator.call('CLIENT', 'KILL', 'SKIPME', 'yes')
    await untilLogged(log, '"reconnects":2')
  },
)

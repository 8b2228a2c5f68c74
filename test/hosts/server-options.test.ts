import t from 'tap'
import { secureContext, serverOptions, tlsOptions } from '../../src/hosts/server-options.ts'

t.test('the parser is strict, and its limit lies above those of the gate', async t => {
  const options = serverOptions(16_384)
  t.equal(options.insecureHTTPParser, false)
  t.ok((options.maxHeaderSize ?? 0) > 16_384 + 8192)
})

t.test('a slow head is given ten seconds; an idle connection outlives those of load balancers', async t => {
  const { headersTimeout = 0, keepAliveTimeout = 0, requestTimeout = 0 } = serverOptions(1)
  t.equal(headersTimeout, 10_000)
  t.ok(keepAliveTimeout > 60_000)
  t.ok(requestTimeout > 0)
})

t.test('TLS is 1.2 or newer, with ten seconds for the handshake, and asks for no certificate by default', async t => {
  const pems = { cert: 'c', key: 'k', clientCa: null }
  t.same(secureContext(pems), { cert: 'c', key: 'k', minVersion: 'TLSv1.2' })
  t.match(tlsOptions(pems), { minVersion: 'TLSv1.2', handshakeTimeout: 10_000, requestCert: false })
})

t.test('with an authority for clients, a certificate of it is required', async t => {
  const pems = { cert: 'c', key: 'k', clientCa: 'ca' }
  t.match(tlsOptions(pems), { ca: 'ca', requestCert: true, rejectUnauthorized: true })
  t.equal(secureContext(pems).ca, 'ca')
})

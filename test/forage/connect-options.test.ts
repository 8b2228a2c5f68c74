import { createServer } from 'node:https'
import process from 'node:process'
import type { TlsOptions } from 'node:tls'
import t, { type Test } from 'tap'
import type { ForageTls } from '../../src/forage/connect-options.ts'
import { createForageClient } from '../../src/forage/forage-client.ts'
import { listenOnLoopback } from '../fixtures/recorder.ts'
import { createAuthority, createSelfSigned, withoutOpenssl } from '../fixtures/upstream-certificates.ts'

const skip = withoutOpenssl()

/** What becomes of one call to a server with this certificate. */
async function callOver(t: Test, server: TlsOptions, tls: ForageTls, host = 'localhost') {
  const upstream = createServer(server, (_request, response) => response.end('{"token":"sandbox_a.b.c"}'))
  upstream.on('tlsClientError', () => {})
  const port = new URL(await listenOnLoopback(t, upstream)).port
  const origin = `https://${host}:${port}`
  const client = createForageClient({ origin, tls, connectTimeoutMs: 3000, timeoutMs: 5000 })
  t.teardown(() => client.close())
  return client.createSessionToken({ authenticationToken: 'sandbox_x', merchantAccount: '1' })
}

t.test('a server that a trusted authority vouches for is spoken to', { skip }, async t => {
  const authority = createAuthority(t.testdir(), 'ca')
  const server = authority.issue('DNS:localhost')
  t.same(await callOver(t, server, { ca: authority.cert }), { token: 'sandbox_a.b.c' })
})

t.test('a server that nobody vouches for, or that has another name, is not told the credentials', { skip }, async t => {
  const folder = t.testdir()
  const authority = createAuthority(folder, 'ca')
  const unreachable = { fault: 'unreachable', mayHaveTakenEffect: false }
  t.match(await callOver(t, createSelfSigned(folder, 'DNS:localhost'), {}), unreachable)
  t.match(await callOver(t, authority.issue('DNS:localhost'), {}), unreachable)
  const other = authority.issue('DNS:api.example')
  t.match(await callOver(t, other, { ca: authority.cert }), { ...unreachable, code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
})

t.test('NODE_TLS_REJECT_UNAUTHORIZED does not switch the checks off', { skip }, async t => {
  const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  t.teardown(() => {
    if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before
  })
  t.match(await callOver(t, createSelfSigned(t.testdir(), 'DNS:localhost'), {}), { fault: 'unreachable' })
})

t.test('TLS 1.1 is not spoken', { skip }, async t => {
  const authority = createAuthority(t.testdir(), 'ca')
  const old = { ...authority.issue('DNS:localhost'), minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } as const
  const ciphers = 'DEFAULT:@SECLEVEL=0'
  t.match(await callOver(t, { ...old, ciphers }, { ca: authority.cert }), { fault: 'unreachable' })
})

t.test('the gateway shows its certificate to a server that asks for one', { skip }, async t => {
  const authority = createAuthority(t.testdir(), 'ca')
  const client = authority.issue('DNS:gateway')
  const server = { ...authority.issue('DNS:localhost'), ca: authority.cert, requestCert: true }
  const ours = { ca: authority.cert, clientCert: client.cert, clientKey: client.key }
  t.same(await callOver(t, server, ours), { token: 'sandbox_a.b.c' })
  t.match(await callOver(t, server, { ca: authority.cert }), { fault: 'unreachable' })
})

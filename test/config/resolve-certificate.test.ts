import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findTlsFaults } from '../../src/config/resolve-certificate.ts'
import { makeCertificate, openssl } from '../fixtures/certificate.ts'
import { missingPart } from '../fixtures/real-part.ts'

t.test('files of certificates and keys', { skip: missingPart('openssl') }, async t => {
  const folder = t.testdir()
  const one = makeCertificate(folder, 'one')
  const other = makeCertificate(folder, 'other')
  const file = (name: string) => join(folder, name)
  const passphrase = ['-aes-128-cbc', '-passout', 'pass:secret']
  openssl(['ec', '-in', one.keyFile, ...passphrase, '-out', file('encrypted.key')])
  const weak = ['-newkey', 'rsa:512', '-nodes', '-subj', '/CN=weak', '-sha256']
  openssl(['req', '-x509', ...weak, '-keyout', file('weak.key'), '-out', file('weak.crt')])
  const text = (name: string) => readFileSync(file(name), 'utf8')
  const day = 86_400_000

  const half = one.cert.slice(0, -100)
  const garbage = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  const table: readonly (readonly [
    what: string,
    cert: string | undefined,
    key: string | undefined,
    clientCa: string | undefined,
    faults: readonly (readonly [string, RegExp])[],
  ])[] = [
    ['a pair', one.cert, one.key, undefined, []],
    ['a pair with an authority', one.cert, one.key, other.cert, []],
    ['a chain', one.cert + other.cert, one.key, undefined, []],
    ['comments around', `the first\n${one.cert}`, `a key\n${one.key}`, undefined, []],
    ['files that could not be read, which is reported elsewhere', undefined, undefined, undefined, []],
    ['an empty certificate file', '', one.key, undefined, [['certFile', /must hold one or more whole/]]],
    ['half a certificate', half, one.key, undefined, [['certFile', /must hold one or more whole/]]],
    ['half a chain', one.cert + half, one.key, undefined, [['certFile', /must hold one or more whole/]]],
    ['garbage in PEM', garbage, one.key, undefined, [['certFile', /not well formed/]]],
    ['garbage in a chain', one.cert + garbage, one.key, undefined, [['certFile', /not well formed/]]],
    ['a certificate for a key', one.cert, one.cert, undefined, [['keyFile', /must hold a private key/]]],
    ['half a key', one.cert, one.key.slice(0, -60), undefined, [['keyFile', /must hold a private key/]]],
    ['a key with a passphrase', one.cert, text('encrypted.key'), undefined, [['keyFile', /is encrypted/]]],
    ['the key of another certificate', one.cert, other.key, undefined, [['keyFile', /not the key of the certificate/]]],
    ['a key that is too short', text('weak.crt'), text('weak.key'), undefined, [['keyFile', /refused by OpenSSL/]]],
    ['an authority without certificate', one.cert, one.key, 'none', [['clientCaFile', /must hold one or more whole/]]],
    [
      'all of it wrong',
      'a',
      'b',
      'c',
      [
        ['certFile', /whole certificates/],
        ['keyFile', /private key/],
        ['clientCaFile', /whole certificates/],
      ],
    ],
  ]
  for (const [what, cert, key, clientCa, faults] of table) {
    t.test(`${what}: ${faults.length === 0 ? 'fine' : faults.map(([name]) => name).join(', ')}`, async t => {
      const found = findTlsFaults({ cert, key, clientCa })
      t.equal(found.length, faults.length, JSON.stringify(found))
      t.match(found, faults)
      t.notMatch(JSON.stringify(found), /BEGIN (?:EC )?PRIVATE KEY-----\n|secret/)
    })
  }

  t.test('a certificate that has expired, or is not valid yet, is not fit', async t => {
    const { cert, key } = one
    t.match(findTlsFaults({ cert, key, clientCa: cert }, Date.now() + 400 * day), [
      ['certFile', /expired at .*: renew it/],
      ['clientCaFile', /expired at/],
    ])
    t.match(findTlsFaults({ cert, key, clientCa: undefined }, Date.now() - day), [['certFile', /is not valid before/]])
  })

  t.test('of a chain it is the first certificate that must be valid, of authorities any', async t => {
    openssl([
      ...['req', '-x509', '-key', one.keyFile, '-out', file('long.crt'), '-subj', '/CN=long'],
      ...['-days', '4000'],
    ])
    const later = Date.now() + 400 * day
    const long = text('long.crt')
    t.same(findTlsFaults({ cert: long + one.cert, key: one.key, clientCa: one.cert + long }, later), [])
    t.match(findTlsFaults({ cert: one.cert + long, key: one.key, clientCa: undefined }, later), [
      ['certFile', /expired/],
    ])
  })
})

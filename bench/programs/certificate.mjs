// A certificate for localhost that is its own authority (RFC 5280), made for one run: a fresh clone has no openssl, and
// no private key belongs into a repository.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

const ecdsaWithSha256 = sequence(objectId('06082a8648ce3d040302'))
const lifetimeMs = 24 * 3600 * 1000

/** @returns certificate and key (P-256) as PEM, for `localhost` and 127.0.0.1 */
export function makeCertificate(now = Date.now()) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(set(sequence(objectId('0603550403'), der(0x0c, Buffer.from('localhost')))))
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ecdsaWithSha256,
    name,
    sequence(time(now - lifetimeMs), time(now + lifetimeMs)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(isAuthority(), names())),
  )
  const signature = sign('sha256', toBeSigned, privateKey)
  const whole = sequence(toBeSigned, ecdsaWithSha256, der(0x03, Buffer.concat([Buffer.of(0), signature])))
  const lines = whole.toString('base64').match(/.{1,64}/g)
  return {
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  }
}

function isAuthority() {
  return sequence(objectId('0603551d13'), der(0x01, Buffer.of(0xff)), der(0x04, sequence(der(0x01, Buffer.of(0xff)))))
}

function names() {
  const both = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.of(127, 0, 0, 1)))
  return sequence(objectId('0603551d11'), der(0x04, both))
}

/** UTCTime: YYMMDDhhmmssZ. */
function time(at) {
  return der(0x17, Buffer.from(`${new Date(at).toISOString().replace(/\D/g, '').slice(2, 14)}Z`))
}

function sequence(...parts) {
  return der(0x30, ...parts)
}

function set(...parts) {
  return der(0x31, ...parts)
}

/** Written with its tag and length. */
function objectId(hex) {
  return Buffer.from(hex, 'hex')
}

function der(tag, ...parts) {
  const content = Buffer.concat(parts)
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content])
  const octets = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...octets), content])
}

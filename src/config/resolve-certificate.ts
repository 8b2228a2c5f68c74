import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { TlsDocument } from './listener-schema.ts'

/** What the files of a TLS listener hold; undefined: not named, or it could not be read. */
export interface TlsTexts {
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly clientCa: string | undefined
}

/** A key of the configuration, and what is wrong with what its file holds. */
export type TlsFault = readonly [key: keyof TlsDocument, message: string]

/**
 * Finds what would keep clients from connecting: each file on its own, and whether they fit together.
 *
 * @param now milliseconds since the epoch; default: the system clock
 */
export function findTlsFaults({ cert, key, clientCa }: TlsTexts, now: number = Date.now()): readonly TlsFault[] {
  const certFault =
    cert === undefined ? undefined : certificateFault(cert, ([leaf]) => timeFault(leaf as X509Certificate, now))
  const parsedKey = key === undefined ? undefined : readPrivateKey(key)
  const caFault = clientCa === undefined ? undefined : certificateFault(clientCa, all => noneFault(all, now))
  const faults: TlsFault[] = []
  if (certFault !== undefined) faults.push(['certFile', certFault])
  if (typeof parsedKey === 'string') faults.push(['keyFile', parsedKey])
  if (caFault !== undefined) faults.push(['clientCaFile', caFault])
  if (certFault === undefined && cert !== undefined && typeof parsedKey === 'object') {
    const fault = pairFault(cert, key, parsedKey)
    if (fault !== undefined) faults.push(['keyFile', fault])
  }
  return faults
}

/** What is wrong with a file of one certificate or more; undefined: nothing. */
function certificateFault(
  text: string,
  judge: (certificates: readonly X509Certificate[]) => string | undefined,
): string | undefined {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  // One that has no end is half-written.
  if (blocks.length === 0 || blocks.length !== text.split('-----BEGIN CERTIFICATE-----').length - 1)
    return 'must hold one or more whole certificates in PEM ("-----BEGIN CERTIFICATE-----")'
  try {
    return judge(blocks.map(block => new X509Certificate(block)))
  } catch {
    return 'holds a certificate that is not well formed'
  }
}

function timeFault({ validFrom, validTo }: X509Certificate, now: number): string | undefined {
  if (Date.parse(validTo) < now) return `holds a certificate that expired at ${validTo}: renew it`
  if (Date.parse(validFrom) > now) return `holds a certificate that is not valid before ${validFrom}`
  return undefined
}

/** A bundle of authorities may hold old ones, as long as there is one that can vouch for anybody. */
function noneFault(certificates: readonly X509Certificate[], now: number): string | undefined {
  const faults = certificates.map(certificate => timeFault(certificate, now))
  return faults.includes(undefined) ? undefined : faults[0]
}

/** @returns the key, or what is wrong with it */
function readPrivateKey(text: string): KeyObject | string {
  if (/ENCRYPTED/.test(text)) return 'holds a key that is encrypted: nobody could type its passphrase here'
  try {
    return createPrivateKey(text)
  } catch {
    return 'must hold a private key in PEM ("-----BEGIN PRIVATE KEY-----")'
  }
}

function pairFault(cert: string, key: string | undefined, parsedKey: KeyObject): string | undefined {
  if (!new X509Certificate(cert).checkPrivateKey(parsedKey)) return 'is not the key of the certificate in certFile'
  try {
    createSecureContext({ cert, key, minVersion: 'TLSv1.2' })
    return undefined
  } catch {
    return 'and certFile are refused by OpenSSL: use RSA of 2048 bits or more, or P-256'
  }
}

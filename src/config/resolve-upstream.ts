import { resolve } from 'node:path'
import { apiOrigin } from '../forage/environments.ts'
import type { UpstreamConfig, UpstreamTlsConfig } from './config.ts'
import { leavesInPlainText } from './plain-text.ts'
import type { Report } from './read-keys.ts'
import type { SecretPlace } from './read-secret.ts'
import { findTlsFaults } from './resolve-certificate.ts'
import { readTextFile } from './text-file.ts'
import type { UpstreamDocument } from './upstream-schema.ts'

/**
 * Completes the way to the Payments API: its origin, and what TLS needs.
 *
 * @param place with an environment that is undefined when the configuration names none that is known
 * @param report takes what is wrong
 */
export function resolveUpstream(
  document: UpstreamDocument,
  place: Omit<SecretPlace, 'env'>,
  report: Report,
): UpstreamConfig {
  const { environment } = place
  const { api, connections, localAddresses, budget, connectTimeoutMs, headersTimeoutMs, bodyTimeoutMs } = document
  const origin = api ?? (environment === undefined ? null : apiOrigin(environment))
  const path = ['upstream', 'api']
  if (origin === null && environment !== undefined)
    report(path, `is needed where environment is ${environment}: write the origin of a Payments API`)
  const { vault } = document
  for (const [key, url] of Object.entries({ api: origin, vault })) {
    if (url !== null && leavesInPlainText(new URL(url), environment))
      report(['upstream', key], 'must be https:// off this machine: write https://, or a loopback address')
  }
  localAddresses.forEach((address, index) => {
    if (localAddresses.indexOf(address) < index)
      report(['upstream', 'localAddresses', index], 'stands there twice: each address has one budget')
  })
  const tls = resolveTls(document, place, report)
  return {
    api: origin === null ? '' : new URL(origin).origin,
    ...(vault !== null && { vault: new URL(vault).origin }),
    connections,
    localAddresses,
    budget,
    connectTimeoutMs,
    headersTimeoutMs,
    bodyTimeoutMs,
    ...(tls && { tls }),
  }
}

type TlsKey = 'ca' | 'clientCertFile' | 'clientKeyFile'

type FilePlace = Pick<SecretPlace, 'folder' | 'read' | 'now'>

function resolveTls(
  document: UpstreamDocument,
  { folder, read: readFile, now }: FilePlace,
  report: Report,
): UpstreamTlsConfig | undefined {
  const { ca: caFile, clientCertFile, clientKeyFile } = document
  if (caFile === null && clientCertFile === null && clientKeyFile === null) return undefined
  if (clientCertFile !== null && clientKeyFile === null)
    report(['upstream', 'clientKeyFile'], 'is needed with clientCertFile: write the PEM file of its key')
  if (clientKeyFile !== null && clientCertFile === null)
    report(['upstream', 'clientCertFile'], 'is needed with clientKeyFile: write the PEM file of its certificate')

  const read = (key: TlsKey): string | undefined => {
    const file = document[key]
    if (file === null) return undefined
    const content = readTextFile(resolve(folder, file), readFile)
    if ('text' in content) return content.text
    report(['upstream', key], `cannot be read: ${content.fault}`)
    return undefined
  }
  const ca = read('ca')
  const clientCert = read('clientCertFile')
  const clientKey = read('clientKeyFile')
  const names = { certFile: 'clientCertFile', keyFile: 'clientKeyFile', clientCaFile: 'ca' } as const
  for (const [key, message] of findTlsFaults({ cert: clientCert, key: clientKey, clientCa: ca }, now))
    report(['upstream', names[key]], message.replace('certFile', names.certFile))
  return {
    ...(ca !== undefined && { ca }),
    ...(clientCert !== undefined && { clientCert }),
    ...(clientKey !== undefined && { clientKey }),
  }
}

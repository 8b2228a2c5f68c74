import { resolve } from 'node:path'
import type { ListenConfig, TlsPems } from './config.ts'
import type { ListenDocument, TlsDocument } from './listener-schema.ts'
import type { Report } from './read-keys.ts'
import type { SecretPlace } from './read-secret.ts'
import { findTlsFaults } from './resolve-certificate.ts'
import { readTextFile } from './text-file.ts'

type FilePlace = Pick<SecretPlace, 'folder' | 'read' | 'now'>

/** Completes the clients' listener: reads and checks its certificate. */
export function resolveListen(
  { host, port, tls, trustedProxies }: ListenDocument,
  place: FilePlace,
  report: Report,
): ListenConfig {
  return { host, port, trustedProxies, ...(tls === null ? {} : { tls: readPems(tls, place, report) }) }
}

function readPems(
  { certFile, keyFile, clientCaFile }: TlsDocument,
  { folder, read: readFile, now }: FilePlace,
  report: Report,
): TlsPems {
  const read = (name: keyof TlsDocument, written: string): string | undefined => {
    const found = readTextFile(resolve(folder, written), readFile)
    if ('text' in found) return found.text
    report(['listen', 'tls', name], `cannot be read: ${found.fault}; relative paths begin at ${folder}`)
    return undefined
  }
  const cert = read('certFile', certFile)
  const key = read('keyFile', keyFile)
  const clientCa = clientCaFile === null ? undefined : read('clientCaFile', clientCaFile)
  for (const [name, message] of findTlsFaults({ cert, key, clientCa }, now)) report(['listen', 'tls', name], message)
  return { cert: cert ?? '', key: key ?? '', clientCa: clientCa ?? null }
}

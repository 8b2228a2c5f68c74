import { resolve } from 'node:path'
import type { ListenConfig, TlsConfig, TlsPems } from './config.ts'
import { ConfigError, type ConfigProblem } from './config-error.ts'
import type { ListenDocument, TlsDocument } from './listener-schema.ts'
import type { Report } from './read-keys.ts'
import { findTlsFaults } from './resolve-certificate.ts'
import { readTextFile } from './text-file.ts'
import { keyText } from './yaml-file.ts'

/** Where the listener's part of the configuration stands, and who is told what is wrong with it. */
export interface ListenSurroundings {
  /** Folder that relative paths begin at. */
  readonly folder: string
  /** Path of the configuration file, for errors of later readings. */
  readonly file: string
  readonly report: Report
}

/** Completes the clients' listener: reads and checks its certificate. */
export function resolveListen(
  { host, port, tls, trustedProxies }: ListenDocument,
  { folder, file, report }: ListenSurroundings,
): ListenConfig {
  return { host, port, trustedProxies, ...(tls === null ? {} : { tls: resolveTls(tls, { folder, file, report }) }) }
}

function resolveTls(document: TlsDocument, { folder, file, report }: ListenSurroundings): TlsConfig {
  const { certFile, keyFile, clientCaFile } = document
  return {
    pems: readPems(document, folder, report),
    files: [certFile, keyFile, clientCaFile].flatMap(name => (name === null ? [] : [resolve(folder, name)])),
    readPems: () => readPemsAgain(document, folder, file),
  }
}

function readPems({ certFile, keyFile, clientCaFile }: TlsDocument, folder: string, report: Report): TlsPems {
  const read = (name: keyof TlsDocument, written: string): string | undefined => {
    const found = readTextFile(resolve(folder, written))
    if ('text' in found) return found.text
    report(['listen', 'tls', name], `cannot be read: ${found.fault}; relative paths begin at ${folder}`)
    return undefined
  }
  const cert = read('certFile', certFile)
  const key = read('keyFile', keyFile)
  const clientCa = clientCaFile === null ? undefined : read('clientCaFile', clientCaFile)
  for (const [name, message] of findTlsFaults({ cert, key, clientCa })) report(['listen', 'tls', name], message)
  return { cert: cert ?? '', key: key ?? '', clientCa: clientCa ?? null }
}

/** @throws ConfigError when what stands there now is not fit: whoever calls goes on with what it has */
function readPemsAgain(document: TlsDocument, folder: string, file: string): TlsPems {
  const problems: ConfigProblem[] = []
  const pems = readPems(document, folder, (path, message) => problems.push({ path: keyText(path), message, file }))
  if (problems.length > 0) throw new ConfigError(file, problems)
  return pems
}

import { isIPv4 } from 'node:net'
import { apiOrigin, type Environment, isDevelopment } from '../forage/environments.ts'
import type { UpstreamConfig } from './config.ts'
import type { UpstreamDocument } from './upstream-schema.ts'
import type { KeyPath } from './yaml-file.ts'

/**
 * Finds the origin of the Payments API.
 *
 * @param environment undefined when the configuration names none that is known
 * @param report takes what is wrong
 */
export function resolveUpstream(
  { api, connections, connectTimeoutMs, headersTimeoutMs, bodyTimeoutMs }: UpstreamDocument,
  environment: Environment | undefined,
  report: (path: KeyPath, message: string) => void,
): UpstreamConfig {
  const origin = api ?? (environment === undefined ? null : apiOrigin(environment))
  const path = ['upstream', 'api']
  if (origin === null && environment !== undefined)
    report(path, `is needed where environment is ${environment}: write the origin of a Payments API`)
  if (origin !== null && !mayBePlain(environment) && isPlainOffLoopback(new URL(origin)))
    report(path, 'must be https:// off this machine: write https://, or a loopback address')
  return {
    api: origin === null ? '' : new URL(origin).origin,
    connections,
    connectTimeoutMs,
    headersTimeoutMs,
    bodyTimeoutMs,
  }
}

function mayBePlain(environment: Environment | undefined): boolean {
  return environment === undefined || isDevelopment(environment)
}

/** Credentials and card numbers travel there: in plain text they may not leave this machine. */
function isPlainOffLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && !isLoopback(hostname)
}

/** `hostname` is as the URL parser writes it: `0x7f.1` has become `127.0.0.1`, and IPv6 stands in brackets. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'))
}

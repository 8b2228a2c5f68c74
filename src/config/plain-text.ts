import { isIPv4 } from 'node:net'
import { type Environment, isDevelopment } from '../forage/environments.ts'

/**
 * Whether what is sent there leaves this machine in plain text: credentials and card numbers may not. Where nothing real is
 * at stake it does not matter, nor where it is not known which environment it is.
 */
export function leavesInPlainText({ protocol, hostname }: URL, environment: Environment | undefined): boolean {
  if (environment === undefined || isDevelopment(environment)) return false
  return protocol === 'http:' && !isLoopback(hostname)
}

/** `hostname` is as the URL parser writes it: `0x7f.1` has become `127.0.0.1`, and IPv6 stands in brackets. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'))
}

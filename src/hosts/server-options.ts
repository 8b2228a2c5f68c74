import type { ServerOptions } from 'node:http'
import { maxTargetLength } from '../gate/decide.ts'

/** Strict about the protocol, patient with idle connections, and not with slow heads. */
export function serverOptions(maxHeaderBytes: number): ServerOptions {
  return {
    insecureHTTPParser: false,
    // The gate judges Host, so that its absence is answered with the envelope.
    requireHostHeader: false,
    // Above the gate's own limits, which then decide to the octet.
    maxHeaderSize: maxHeaderBytes + maxTargetLength + 1024,
    headersTimeout: 10_000,
    requestTimeout: 300_000,
    // Longer than the idle time of usual load balancers, so that it is they who close.
    keepAliveTimeout: 65_000,
    connectionsCheckingInterval: 1000,
  }
}

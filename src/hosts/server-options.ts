import type { ServerOptions } from 'node:http'
import type { SecureContextOptions, TlsOptions } from 'node:tls'
import type { TlsPems } from '../config/config.ts'
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

/** With an authority for client certificates, nobody comes in without one. */
export function tlsOptions(pems: TlsPems): TlsOptions {
  const asksClients = pems.clientCa !== null
  return {
    ...secureContext(pems),
    requestCert: asksClients,
    rejectUnauthorized: asksClients,
    handshakeTimeout: 10_000,
  }
}

/** The part of the options that a reload replaces. */
export function secureContext({ cert, key, clientCa }: TlsPems): SecureContextOptions {
  return { cert, key, minVersion: 'TLSv1.2', ...(clientCa === null ? {} : { ca: clientCa }) }
}

import type { buildConnector } from 'undici'

/** What `https` to Forage needs beyond the public authorities. PEM, as it stands in the files. */
export interface ForageTls {
  /** Authorities that are trusted in place of the public ones. */
  readonly ca?: string
  /** Certificate and key by which the gateway makes itself known (mutual TLS). */
  readonly clientCert?: string
  readonly clientKey?: string
}

/**
 * How connections to Forage are opened. Certificates are always verified: said outright, since Node would otherwise
 * listen to NODE_TLS_REJECT_UNAUTHORIZED, and the client secret travels here.
 */
export function connectOptions(connectTimeoutMs: number, tls: ForageTls = {}): buildConnector.BuildOptions {
  return {
    timeout: connectTimeoutMs,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    autoSelectFamily: true,
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.clientCert !== undefined && { cert: tls.clientCert }),
    ...(tls.clientKey !== undefined && { key: tls.clientKey }),
  }
}

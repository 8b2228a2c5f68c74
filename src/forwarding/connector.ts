import type { LookupFunction, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { buildConnector } from 'undici'

/** What is needed for `https` to the upstream beyond the public authorities. PEM, as it stands in the files. */
export interface UpstreamTls {
  /** Authorities that are trusted in place of the public ones. */
  readonly ca?: string
  /** Certificate and key by which the gateway makes itself known (mutual TLS). */
  readonly clientCert?: string
  readonly clientKey?: string
}

export interface ConnectorOptions {
  readonly connectTimeoutMs: number
  /** Default: the public authorities, and no certificate of our own. */
  readonly tls?: UpstreamTls
  /** Finds the addresses of a name. Default: the system's resolver, asked for every new connection. */
  readonly lookup?: LookupFunction
  /** Address of this machine that connections begin at. Default: the system's choice. */
  readonly localAddress?: string
}

/** Opens a connection and tells of it, or of the error. Returns the socket at once, while it still connects. */
export type Connect = (options: buildConnector.Options, callback: buildConnector.Callback) => Socket

/**
 * Makes the one way to the upstream, shared by all connections so that they share TLS sessions, too.
 *
 * Certificates are always verified: said outright, since Node would otherwise listen to NODE_TLS_REJECT_UNAUTHORIZED.
 * The name they must carry is the origin's, since no request brings a `Host` of its own.
 */
export function createConnector({ connectTimeoutMs, lookup, localAddress, tls = {} }: ConnectorOptions): Connect {
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    // Both families are tried, and whichever answers first is taken (RFC 8305).
    autoSelectFamily: true,
    ...(lookup && { lookup }),
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.clientCert !== undefined && { cert: tls.clientCert }),
    ...(tls.clientKey !== undefined && { key: tls.clientKey }),
  })
  // undici holds sessions by weak references only: without this one they would be lost before they are used.
  const kept: { session?: Buffer } = {}
  return (options, callback) => {
    // The types keep quiet about the socket that is returned.
    const socket = connect({ ...options, localAddress: localAddress ?? null }, callback) as unknown as
      | Socket
      | TLSSocket
    socket.on('error', maskReset)
    if ('getSession' in socket) {
      socket.on('session', session => {
        kept.session = session
      })
    }
    return socket
  }
}

/**
 * undici takes a reset for the orderly end of an answer that ends with its connection, and fails an assertion, which ends
 * the process, when that answer was waiting for a slow client (its onHttpSocketError). It recognises a reset by its code;
 * under this one it treats it as what it is. Its listener is added later than this one and is called after it.
 */
function maskReset(error: NodeJS.ErrnoException): void {
  if (error.code === 'ECONNRESET') error.code = 'UND_ERR_SOCKET'
}

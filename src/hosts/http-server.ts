import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { TlsPems } from '../config/config.ts'
import { sendContinue } from '../forwarding/expectation.ts'
import { hasBody } from '../forwarding/request-body.ts'
import { connectionOf } from './connection.ts'
import { watchSockets } from './open-sockets.ts'
import { secureContext, serverOptions, tlsOptions } from './server-options.ts'

export interface HttpServerOptions {
  readonly maxHeaderBytes: number
  /** Undefined: plain http. */
  readonly tls?: TlsPems | undefined
  /** How long a client may take to read what lies ready for it, in milliseconds. */
  readonly clientTimeoutMs: number
  readonly maxConnections: number
}

/** Makes the server of the clients' side, plain or with TLS. It behaves the same in both. */
export function createHttpServer(options: HttpServerOptions, receive: RequestListener): Server {
  const { maxHeaderBytes, tls, maxConnections, clientTimeoutMs } = options
  const common = serverOptions(maxHeaderBytes)
  const onPrefinish = limitWriting(clientTimeoutMs)
  const onRequest: RequestListener = (request, response) => {
    response.on('prefinish', onPrefinish)
    // There is nothing to wait for, whatever becomes of it.
    if (!hasBody(request)) sendContinue(request, response)
    receive(request, response)
  }
  const server = tls ? createTlsServer({ ...common, ...tlsOptions(tls) }) : createServer(common)
  server.maxHeadersCount = 0
  server.maxConnections = maxConnections
  for (const event of ['request', 'checkContinue', 'checkExpectation']) server.on(event, onRequest)
  server.on('timeout', endStalled)
  watchSockets(server)
  return server
}

/** New connections get this certificate; those that are there keep theirs. */
export function renewCertificate(server: Server, pems: TlsPems): void {
  if ('setSecureContext' in server && typeof server.setSecureContext === 'function')
    server.setSecureContext(secureContext(pems))
}

/**
 * Starts the clock when an answer is written whole but the system did not take all of it. Its exchange is over by then
 * and watches no longer. Node's timer starts anew whenever a part of it goes out, so that a slow reader is not cut.
 */
function limitWriting(timeoutMs: number): (this: ServerResponse) => void {
  return function onPrefinish() {
    const { socket } = this.req
    // One that waits behind others has not been written yet.
    if (socket.writableLength > 0 || connectionOf(socket).owed.size > 1) socket.setTimeout(timeoutMs)
  }
}

/** Nothing has moved for the time that was set: an idle connection, a client that does not read, or a slow upstream. */
function endStalled(socket: Socket): void {
  const { first } = connectionOf(socket).owed
  // The exchange of an answer that is not whole yet has deadlines of its own.
  if (first?.writableEnded === false) socket.setTimeout(socket.timeout as number)
  else socket.destroy()
}

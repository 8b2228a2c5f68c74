import type { RequestListener, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { MalformedListeners } from './malformed.ts'

/**
 * Answers on a server of somebody else's what never becomes a request, in the place of whoever did so before: messages
 * that are not well formed, expectations that nobody meets, and CONNECT.
 */
export function guardMalformed(server: Server, { clientError, connect }: MalformedListeners): void {
  server.removeAllListeners('clientError').on('clientError', clientError as (error: Error, socket: Duplex) => void)
  server.removeAllListeners('connect').on('connect', connect as (request: unknown, socket: Duplex) => void)
  if (server.listenerCount('checkExpectation') > 0) return
  // The gate refuses it. Node would answer with a bare 417.
  const onExpectation: RequestListener = (request, response) => void server.emit('request', request, response)
  server.on('checkExpectation', onExpectation)
}

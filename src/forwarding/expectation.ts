import type { IncomingMessage, ServerResponse } from 'node:http'

const told = new WeakSet<ServerResponse>()

/**
 * Tells a client that expects it to go on (RFC 9110 §10.1.1): once, before the final answer, and never in HTTP/1.0.
 *
 * Where the expectation stays unanswered, Node ends the connection with the final answer, and says so to the client
 * alone. What the client had sent behind it would be executed, and never answered.
 */
export function sendContinue({ headers, httpVersion }: IncomingMessage, response: ServerResponse): void {
  if (headers.expect?.toLowerCase() !== '100-continue' || httpVersion !== '1.1') return
  if (response.headersSent || told.has(response)) return
  told.add(response)
  response.writeContinue()
}

/**
 * To be called between the head of an answer and the octets of its body. Where an answer waits for those before it on the
 * connection, Node puts its head in front of all that waits with it, and a `100 Continue` would stand within its body.
 */
export function keepContinueFirst(response: ServerResponse): void {
  if (response.socket === null && told.has(response)) response.flushHeaders()
}

import type { IncomingMessage } from 'node:http'
import type { RequestHead, RequestIds } from '../gate/request-head.ts'
import type { FindClientAddress } from './client-address.ts'

/** What the gate looks at, taken from Node's request. */
export function readHead(
  { method = '', url = '', rawHeaders, socket }: IncomingMessage,
  ids: RequestIds,
  findClientAddress: FindClientAddress,
): RequestHead {
  return {
    method,
    target: url,
    fields: rawHeaders,
    clientAddress: findClientAddress(socket.remoteAddress ?? '', rawHeaders),
    scheme: 'encrypted' in socket ? 'https' : 'http',
    ids,
  }
}

/**
 * Whether the message is of a version whose framing is known. Node's parser also takes HTTP/0.9 and 2.0 in text, and a
 * `Transfer-Encoding` in HTTP/1.0, which does not have it (RFC 9112 §6.1: such framing is faulty).
 */
export function hasKnownFraming({ httpVersion, headers }: IncomingMessage): boolean {
  return httpVersion === '1.1' || (httpVersion === '1.0' && headers['transfer-encoding'] === undefined)
}

import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { denials, type Reason } from '../gate/reasons.ts'
import { connectionOf } from './connection.ts'
import { refusal } from './refusal.ts'

/** Told of every message that never became a request. */
export type OnMalformed = (socket: Socket, reason: Reason, requestId: string, octets: number) => void

/** An error of Node's HTTP parser, with the octets that it stumbled over. */
type ParseError = Error & { readonly code?: string; readonly rawPacket?: Buffer }

/** Errors that mean that nobody is there to answer, or that nothing was asked. */
const silent: readonly string[] = ['ECONNRESET', 'EPIPE', 'ERR_HTTP_REQUEST_TIMEOUT', 'ETIMEDOUT']

/**
 * Answers what is no HTTP/1.1 message: the envelope, then the end of the connection. Never 408, on which mobile clients
 * repeat a POST.
 */
export function createMalformedListener(nextRequestId: () => string, onMalformed: OnMalformed) {
  return (error: ParseError, socket: Socket): void => {
    const connection = connectionOf(socket)
    if (connection.fault !== undefined) return
    if (!socket.writable || silent.includes(error.code ?? '')) {
      socket.destroy()
      return
    }
    connection.fault = reasonOf(error)
    // Bad framing within a body: the exchange that it belongs to ends, and its own answer tells why.
    if (connection.breakOff) connection.breakOff()
    else if (connection.active === 0) refuseConnection(socket, connection.fault, nextRequestId(), onMalformed)
    // Otherwise answers to earlier requests are still owed; the last of them is followed by this refusal.
  }
}

/** Writes a refusal on a connection that has no request to answer, and ends it. */
export function refuseConnection(socket: Socket, reason: Reason, requestId: string, onMalformed: OnMalformed): void {
  const { status, fields, body } = refusal(denials[reason], { target: '', requestId, responseFields: [] })
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, `Date: ${new Date().toUTCString()}`]
  for (let index = 0; index < fields.length; index += 2) lines.push(`${fields[index]}: ${fields[index + 1]}`)
  lines.push('Connection: close', '', body)
  socket.end(lines.join('\r\n'), () => socket.destroy())
  onMalformed(socket, reason, requestId, body.length)
}

function reasonOf({ code = '', rawPacket }: ParseError): Reason {
  if (code === 'HPE_INVALID_METHOD') return 'method_invalid'
  if (code === 'HPE_INVALID_URL') return 'target_ambiguous'
  if (code !== 'HPE_HEADER_OVERFLOW') return 'field_invalid'
  // Still in its first line: it was the target that was too long.
  return rawPacket?.includes('\n') === false ? 'target_too_long' : 'fields_too_large'
}

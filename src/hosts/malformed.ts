import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { maxTargetLength } from '../gate/decide.ts'
import { denials, type Reason } from '../gate/reasons.ts'
import type { Observe } from '../observability/request-story.ts'
import type { FindClientAddress } from './client-address.ts'
import { connectionOf } from './connection.ts'
import { refusal } from './refusal.ts'
import { noEnding } from './visit.ts'

/** How long a client may take to read the last refusal. */
const maxUnreadMs = 10_000

/** Told of every message that never became a request. */
export type OnMalformed = (socket: Socket, reason: Reason, requestId: string, octets: number) => void

/** An error of Node's HTTP parser, with the octets that it stumbled over. */
type ParseError = Error & { readonly code?: string; readonly rawPacket?: Buffer }

/** Answers to what never becomes a request. */
export interface MalformedListeners {
  /** For `clientError`: what is no HTTP/1.1 message. Never answered with 408, on which mobile clients repeat a POST. */
  readonly clientError: (error: ParseError, socket: Socket) => void
  /** For `connect`. */
  readonly connect: (request: unknown, socket: Socket) => void
  /** To be called when an answer is out: a fault that was met meanwhile is told after the last one owed. */
  readonly afterAnswer: (socket: Socket) => void
}

/** Each fault is answered by the envelope and the end of the connection, after the answers that are still owed on it. */
export function createMalformedListeners(nextRequestId: () => string, onMalformed: OnMalformed): MalformedListeners {
  function note(socket: Socket, reason: Reason): void {
    const connection = connectionOf(socket)
    if (connection.fault !== undefined) return
    connection.fault = reason
    // Bad framing within a body: the exchange that it belongs to ends, and its own answer tells why.
    if (!connection.owed.lastUnderWay?.breakOff()) afterAnswer(socket)
  }

  function afterAnswer(socket: Socket): void {
    const { owed, fault } = connectionOf(socket)
    if (owed.size > 0 || fault === undefined || !socket.writable) return
    refuseConnection(socket, fault, nextRequestId(), onMalformed)
  }

  return {
    clientError(error, socket) {
      if (socket.writable && isAnswerable(error)) note(socket, reasonOf(error))
      else socket.destroy()
    },
    connect(_request, socket) {
      // Node has taken its listeners off the socket: without this one, a client that resets it would end the process.
      socket.on('error', () => {})
      note(socket, 'upgrade_not_supported')
    },
    afterAnswer,
  }
}

/** Tells the story of a message that never became a request: little is known of it. */
export function tellMalformed(observe: Observe, findClientAddress: FindClientAddress): OnMalformed {
  return (socket, reason, requestId, bytesOut) => {
    const clientAddress = findClientAddress(socket.remoteAddress ?? '', [])
    const { status } = denials[reason]
    const known = { requestId, method: '', clientAddress, decision: undefined, reason, status, durationMs: 0, bytesOut }
    observe({ ...noEnding, ...known })
  }
}

/** Writes a refusal on a connection that has no request to answer, and ends it. */
function refuseConnection(socket: Socket, reason: Reason, requestId: string, onMalformed: OnMalformed): void {
  const { status, fields, body } = refusal(denials[reason], { target: '', requestId, responseFields: [] })
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, `Date: ${new Date().toUTCString()}`]
  for (let index = 0; index < fields.length; index += 2) lines.push(`${fields[index]}: ${fields[index + 1]}`)
  lines.push('Connection: close', '', body)
  // For a client that does not even read this.
  socket.setTimeout(maxUnreadMs, () => socket.destroy())
  socket.end(lines.join('\r\n'), () => socket.destroy())
  onMalformed(socket, reason, requestId, body.length)
}

/**
 * Only what the parser stumbled over has somebody who could make use of an answer. All else is a connection that is gone
 * or took too long, a TLS handshake that failed, or an end within a message.
 */
function isAnswerable({ code = '' }: ParseError): boolean {
  return code.startsWith('HPE_') && code !== 'HPE_INVALID_EOF_STATE'
}

function reasonOf({ code = '', rawPacket }: ParseError): Reason {
  if (code === 'HPE_INVALID_METHOD') return 'method_invalid'
  if (code === 'HPE_INVALID_URL') return 'target_ambiguous'
  if (code !== 'HPE_HEADER_OVERFLOW') return 'field_invalid'
  // Its first line has no end, or too late a one: it was the target that was too long.
  const end = rawPacket?.indexOf('\n') ?? 0
  return end < 0 || end > maxTargetLength ? 'target_too_long' : 'fields_too_large'
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { endWithText } from '../forwarding/end-with-text.ts'
import { sendContinue } from '../forwarding/expectation.ts'
import { hasBody } from '../forwarding/request-body.ts'
import { isBodiless } from '../forwarding/response-head.ts'
import { connectionOf } from './connection.ts'
import type { Refusal } from './refusal.ts'

/** Largest announced body that is read to its end so that the connection can be kept. */
const smallBodyBytes = 64 * 1024
/** How much, and for how long, a client may go on sending after it was refused. */
const maxUnreadBytes = 1024 * 1024
const maxUnreadMs = 2000

/**
 * Writes an answer of the gateway's own.
 *
 * A client that is still sending its body would lose the answer if the connection were closed at once (the kernel
 * answers unread octets with a reset), so the body is read and thrown away for a moment.
 */
export function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, fields, body }: Refusal,
  isLast: boolean,
): void {
  // Node calls a request complete only after it has been handed over, also one that has no body at all.
  const isUnread = hasBody(request) && !request.complete
  const isClosing = isLast || (isUnread && !isSmall(request))
  // What a client sends after that would be done, and never answered.
  connectionOf(request.socket).isClosing ||= isClosing
  // The whole body was sent without waiting: the connection goes on.
  if (!isClosing) sendContinue(request, response)
  response.writeHead(status, isClosing ? [...fields, 'Connection', 'close'] : fields)
  // Where none may follow, a server of somebody else's may have Node throw at the attempt (rejectNonStandardBodyWrites).
  const octets = isBodiless(status, request.method) ? '' : body
  if (!isUnread) {
    end(response, octets)
    return
  }
  // Taken now: from a handler that had the response before, what is written later has no effect.
  const endLater = response.end.bind(response)
  // The announced length is written, so the client has the whole answer while we still listen.
  if (octets !== '') response.write(octets)
  // An answer without a body (to HEAD, or 204) would wait for its end.
  response.flushHeaders()
  readToEnd(request, () => void endLater())
}

function end(response: ServerResponse, body: string): void {
  if (body !== '' && isAscii(body)) endWithText(response, body)
  else response.end(body)
}

/** Reads what is left of a request and throws it away; gives up on a client that sends for too long. */
export function readToEnd(request: IncomingMessage, onEnd: () => void): void {
  let octets = 0
  const giveUp = setTimeout(() => request.destroy(), maxUnreadMs)
  request.on('data', (chunk: Buffer) => {
    octets += chunk.length
    if (octets > maxUnreadBytes) request.destroy()
  })
  request.once('close', () => {
    clearTimeout(giveUp)
    onEnd()
  })
  request.resume()
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text)
}

/** A client that waits for `100 Continue` will not send its body now, and what it sends next would be taken for it. */
function isSmall({ headers }: IncomingMessage): boolean {
  return headers.expect === undefined && Number(headers['content-length'] ?? Number.POSITIVE_INFINITY) <= smallBodyBytes
}

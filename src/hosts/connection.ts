import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Reason } from '../gate/reasons.ts'
import { OwedAnswers } from './owed-answers.ts'

/**
 * Most requests of one connection that may be under way. A client that pipelines without reading the answers would
 * otherwise fill the memory.
 */
const maxPipelined = 32

/** Of those that are ever forwarded (RFC 9110 §9.2.1). */
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Something that an answer waits for. */
export interface UnderWay {
  /**
   * The client's message turned out not to be well formed.
   *
   * @returns false when it is no longer being read: the fault is in what came after it
   */
  breakOff(): boolean
  /** The client is gone. */
  abandon(): void
}

/** What is going on on one client connection. */
export interface Connection {
  readonly owed: OwedAnswers
  /** Why nothing more is read from it; the refusal goes out after the answers that are still owed. */
  fault: Reason | undefined
  /** Whether an answer has said that it is the last one. What comes after it would be done and never answered. */
  isClosing: boolean
}

const ownConnection: unique symbol = Symbol('connection')

interface KnownSocket extends Socket {
  /** A property of the socket: it is asked for seven times a request, and a WeakMap takes several times as long. */
  [ownConnection]?: Connection
}

export function connectionOf(socket: KnownSocket): Connection {
  const known = socket[ownConnection]
  if (known) return known
  const connection: Connection = { owed: new OwedAnswers(), fault: undefined, isClosing: false }
  socket[ownConnection] = connection
  // Node tells only the answer that is being written; what the pipelined ones behind it wait for ends here.
  socket.once('close', () => connection.owed.abandon())
  return connection
}

/** Counts a request in. False: nothing is done about it, because its answer could not be written. */
export function enter(socket: Socket, response: ServerResponse): boolean {
  const connection = connectionOf(socket)
  if (connection.isClosing || socket.destroyed) return false
  connection.owed.add(response, safeMethods.has(response.req.method ?? ''))
  if (connection.owed.size <= maxPipelined) return true
  socket.destroy()
  return false
}

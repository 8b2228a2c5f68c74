import type { Socket } from 'node:net'
import type { Reason } from '../gate/reasons.ts'

/**
 * Most requests of one connection that may be under way. A client that pipelines without reading the answers would
 * otherwise fill the memory.
 */
const maxPipelined = 32

/** What is going on on one client connection. */
export interface Connection {
  /** Requests whose answers are not finished. */
  active: number
  /** Why nothing more is read from it; the refusal goes out after the answers that are still owed. */
  fault: Reason | undefined
  /** Breaks off the exchange whose body is still being read. */
  breakOff: (() => void) | undefined
}

const connections = new WeakMap<Socket, Connection>()

export function connectionOf(socket: Socket): Connection {
  const known = connections.get(socket)
  if (known) return known
  const connection: Connection = { active: 0, fault: undefined, breakOff: undefined }
  connections.set(socket, connection)
  return connection
}

/** Counts a request in. False: there are too many, and the connection is closed instead. */
export function enter(socket: Socket): boolean {
  const connection = connectionOf(socket)
  connection.active++
  if (connection.active <= maxPipelined) return true
  socket.destroy()
  return false
}

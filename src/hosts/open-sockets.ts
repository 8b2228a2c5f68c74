import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { connectionOf } from './connection.ts'

/** The connections of a server, also those that Node's own lists leave out: that have not begun to speak, or to TLS. */
export interface OpenSockets {
  /** Ends those that nothing is owed on and that have sent nothing for as long. To be called again and again. */
  endQuiet(quietMs: number): void
  /** Ends all. @returns how many requests were under way on them, and are not answered, or not to the end */
  cut(): number
}

interface Quiet {
  readonly bytesRead: number
  readonly since: number
}

const watched = new WeakMap<Server, OpenSockets>()

/** Begins to watch; to be called before the server listens. */
export function watchSockets(server: Server): OpenSockets {
  const open = new Set<Socket>()
  /** What TLS made of a connection, by the address and port of its peer. */
  const secured = new Map<string, Socket>()
  const quiet = new WeakMap<Socket, Quiet>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  server.on('secureConnection', (socket: Socket) => {
    const peer = peerOf(socket)
    secured.set(peer, socket)
    socket.once('close', () => {
      if (secured.get(peer) === socket) secured.delete(peer)
    })
  })

  const owedOn = (socket: Socket): number => connectionOf(secured.get(peerOf(socket)) ?? socket).owed.size

  function endQuiet(quietMs: number): void {
    const now = performance.now()
    for (const socket of open) {
      const { bytesRead } = socket
      const owed = owedOn(socket) > 0
      const known = quiet.get(socket)
      if (owed || known?.bytesRead !== bytesRead) quiet.set(socket, { bytesRead, since: now })
      else if (now - known.since >= quietMs) socket.destroy()
    }
  }

  const sockets: OpenSockets = {
    endQuiet,
    cut() {
      let requests = 0
      for (const socket of open) {
        if (!socket.destroyed) requests += owedOn(socket)
        socket.destroy()
      }
      return requests
    },
  }
  watched.set(server, sockets)
  return sockets
}

/** @returns undefined for a server that is not watched */
export function socketsOf(server: Server): OpenSockets | undefined {
  return watched.get(server)
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}

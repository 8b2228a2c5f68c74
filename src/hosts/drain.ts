import type { Server } from 'node:http'
import { Server as NetServer } from 'node:net'
import { socketsOf } from './open-sockets.ts'

/**
 * How long quiet connections are kept once nothing more is accepted. A request that is on its way on one of them is still
 * served; closing at once would answer it with a reset.
 */
const quietGraceMs = 500
const checkEveryMs = 50

/**
 * Stops a server without losing a request: nothing more is accepted, requests in flight finish, and connections on which
 * nothing is owed and nothing comes are closed after a grace.
 *
 * Not by Node's closeIdleConnections: it spares connections that never sent a request, and ends those whose answer is
 * written but still on its way to a slow reader.
 *
 * @param server made by createHttpServer
 * @param timeoutMs after which the connections that are left are cut
 */
export function drain(server: Server, timeoutMs: number): Promise<void> {
  return new Promise(resolve => {
    if (!server.listening) {
      resolve()
      return
    }
    const sockets = socketsOf(server)
    const startedAt = performance.now()
    const look = (): void => {
      if (performance.now() - startedAt >= timeoutMs) sockets?.cut()
      else sockets?.endQuiet(quietGraceMs)
    }
    const check = setInterval(look, checkEveryMs)
    look()
    // http.Server's own close() cuts idle connections at once (nodejs/node#60617); net.Server's only stops listening.
    NetServer.prototype.close.call(server, () => {
      clearInterval(check)
      server.close()
      resolve()
    })
  })
}

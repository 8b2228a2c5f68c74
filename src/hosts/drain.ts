import type { Server } from 'node:http'
import { Server as NetServer } from 'node:net'

/**
 * How long idle connections are kept once nothing more is accepted. A request that is on its way on one of them is still
 * served; closing at once would answer it with a reset.
 */
const idleGraceMs = 500
const checkEveryMs = 50

/**
 * Stops a server without losing a request: nothing more is accepted, requests in flight finish, idle connections are
 * closed after a grace.
 *
 * @param timeoutMs after which the connections that are left are cut
 */
export function drain(server: Server, timeoutMs: number): Promise<void> {
  return new Promise(resolve => {
    if (!server.listening) {
      resolve()
      return
    }
    const startedAt = performance.now()
    const check = setInterval(() => {
      const waited = performance.now() - startedAt
      if (waited >= timeoutMs) server.closeAllConnections()
      else if (waited >= idleGraceMs) server.closeIdleConnections()
    }, checkEveryMs)
    // http.Server's own close() cuts idle connections at once (nodejs/node#60617); net.Server's only stops listening.
    NetServer.prototype.close.call(server, () => {
      clearInterval(check)
      server.close()
      resolve()
    })
  })
}

import type { Server } from 'node:http'
import { Server as NetServer } from 'node:net'
import { setTimeout as later, setImmediate as nextLoopTurn } from 'node:timers/promises'
import { socketsOf } from './open-sockets.ts'

export interface DrainOptions {
  /**
   * How long new connections are still accepted, in milliseconds, so that those who send them here hear that this server
   * is going away. Default 0.
   */
  readonly lameDuckMs?: number
  /** How long everything may take after that, in milliseconds. What is left then is cut. */
  readonly timeoutMs: number
  /** Ends when another connection has been accepted, if one was waiting. Default: a turn of the event loop. */
  readonly nextTurn?: () => Promise<unknown>
}

/** libuv accepts one connection per turn of the event loop, and the turn that is under way may be past that point. */
const quietTurns = 3
/** As many may wait to be accepted (Node's default), first come, first served. Whoever comes behind them came later. */
const backlog = 511
/**
 * How long quiet connections are kept once nothing more is accepted. A request that is on its way on one of them is still
 * served; closing at once would answer it with a reset.
 */
const quietGraceMs = 500
const checkEveryMs = 50

/**
 * Stops a server without losing a request: after a last while nothing more is accepted, requests in flight finish, and
 * connections on which nothing is owed and nothing comes are closed after a grace.
 *
 * @param server made by createHttpServer
 * @returns how many requests were cut, since the time was over
 */
export async function drain(
  server: Server,
  { lameDuckMs = 0, timeoutMs, nextTurn = nextLoopTurn }: DrainOptions,
): Promise<number> {
  if (!server.listening) return 0
  if (lameDuckMs > 0) await later(lameDuckMs)
  const endsAt = performance.now() + timeoutMs
  await acceptWaiting(server, nextTurn, endsAt)
  return finish(server, endsAt)
}

/**
 * Lets in who is connected as far as the system is concerned and waits to be accepted: the system resets those when the
 * listening ends, and a client cannot know whether its request was done.
 */
async function acceptWaiting(server: Server, nextTurn: () => Promise<unknown>, endsAt: number): Promise<void> {
  let accepted = 0
  let quiet = 0
  const onConnection = (): void => {
    accepted++
    quiet = 0
  }
  server.on('connection', onConnection).on('drop', onConnection)
  while (quiet < quietTurns && accepted <= backlog && performance.now() < endsAt) {
    await nextTurn()
    quiet++
  }
  server.off('connection', onConnection).off('drop', onConnection)
}

/**
 * Stops listening, and ends with the last connection.
 *
 * Not by Node's closeIdleConnections: it spares connections that never sent a request, and ends those whose answer is
 * written but still on its way to a slow reader.
 */
function finish(server: Server, endsAt: number): Promise<number> {
  return new Promise(resolve => {
    const sockets = socketsOf(server)
    let cut = 0
    const look = (): void => {
      if (performance.now() >= endsAt) cut += sockets?.cut() ?? 0
      else sockets?.endQuiet(quietGraceMs)
    }
    const check = setInterval(look, checkEveryMs)
    look()
    // http.Server's own close() cuts idle connections at once (nodejs/node#60617); net.Server's only stops listening.
    NetServer.prototype.close.call(server, () => {
      clearInterval(check)
      server.close()
      resolve(cut)
    })
  })
}

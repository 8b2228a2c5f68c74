import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { SessionRegistry } from '../session/session-registry.ts'
import { createGuard } from './guard.ts'
import { type GuardOptions, guardParts } from './guard-options.ts'
import { mountedTarget, originalTarget } from './guard-target.ts'

export type { ConfiguredGuardOptions, GateGuardOptions, GuardEvents, GuardOptions } from './guard-options.ts'
export type { GuardedRequest } from './guard-request.ts'

/** What a guard for Connect and Express can be told besides. */
export interface MountOptions {
  /**
   * What is decided about where the guard is mounted on a path, as in `app.use('/shop', …)`: the target that the client
   * sent (`originalUrl`, the default), or what is left of it behind the path (`url`).
   */
  readonly decideOn?: 'originalUrl' | 'url'
}

/** A middleware for Connect, Express and whatever takes `(req, res, next)`. */
export interface ConnectGuard {
  (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void
  /**
   * Lets messages that Node's parser refuses, which no middleware ever sees, be answered in the same envelope.
   * Replaces the server's listeners for `clientError` and `connect`.
   */
  guardServer(server: Server): void
  /** Puts tokens on record, and revokes sessions. Null for a guard over a gate: whoever made it has them. */
  readonly sessions: SessionRegistry | null
  /** Leaves the shared state and writes what the log still holds. */
  close(): Promise<void>
}

/**
 * Makes a guard for Connect and Express. Allowed requests go on, with `request.forage` and with exactly the fields that
 * the decision says; all others are answered as the gateway answers them.
 *
 * @throws ConfigError (`ERR_FORAGE_CONFIG`) with every problem of the configuration at once
 * @example
 * const app = express()
 * app.use('/api', await guard({ config: 'gateway.yaml' }), payments)
 */
export async function guard(options: GuardOptions & MountOptions): Promise<ConnectGuard> {
  const { decideOn = 'originalUrl' } = options
  const parts = await guardParts(options)
  const { receive, guardServer } = createGuard(parts, decideOn === 'url' ? mountedTarget : originalTarget)
  const middleware = (request: IncomingMessage, response: ServerResponse, next: () => void): void =>
    receive(request, response, { pass: () => next() })
  return Object.assign(middleware, { guardServer, sessions: parts.sessions, close: parts.close })
}

import type { ClientRequest, IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { SessionRegistry } from '../session/session-registry.ts'
import { createGuard, type GuardHost } from './guard.ts'
import { type GuardOptions, guardParts } from './guard-options.ts'
import { ProxyExchange } from './http-proxy-exchange.ts'
import { checkProxyOptions, type ProxyOptions } from './http-proxy-options.ts'

export type { ConfiguredGuardOptions, GateGuardOptions, GuardEvents, GuardOptions } from './guard-options.ts'
export type { GuardedRequest } from './guard-request.ts'

/** A server of `http-proxy` 1.18.1, or of a package with the same methods (`http-proxy-3`, `httpxy`). */
export interface ProxyServer {
  web(request: IncomingMessage, response: ServerResponse, options?: object, ...more: never[]): unknown
  ws(request: IncomingMessage, socket: Socket, ...more: never[]): unknown
  on(event: string, listener: (...args: never[]) => void): unknown
}

/** A request listener in front of `web()`. */
export interface HttpProxyGuard {
  (request: IncomingMessage, response: ServerResponse): void
  /**
   * Decides, and forwards what is allowed.
   *
   * @param options of this call, as http-proxy takes them
   * @throws TypeError when they would undo the decision
   */
  web(request: IncomingMessage, response: ServerResponse, options?: ProxyOptions): void
  /** Refuses an upgrade, and ends its connection. */
  ws(request: unknown, socket: Socket): void
  /**
   * Lets messages that Node's parser refuses, CONNECT and upgrades be answered in the same envelope. Replaces the server's
   * listeners for `clientError`, `connect` and `upgrade`.
   */
  guardServer(server: Server): void
  /** Puts tokens on record, and revokes sessions. Null for a guard over a gate: whoever made it has them. */
  readonly sessions: SessionRegistry | null
  /** Leaves the shared state and writes what the log still holds. The proxy is closed by whoever made it. */
  close(): Promise<void>
}

/**
 * Guards a proxy server for good: its own `web` and `ws` are replaced by those of the guard, so that no way leads around
 * it. Only allowed requests are forwarded, each as it was decided about; what http-proxy would forward otherwise is refused.
 *
 * @throws TypeError when the options of the proxy would undo the decision
 * @throws ConfigError (`ERR_FORAGE_CONFIG`) with every problem of the configuration at once
 * @example
 * const proxy = httpProxy.createProxyServer({ target: 'https://api.sandbox.joinforage.app', changeOrigin: true })
 * createServer(await guard(proxy, { config: 'gateway.yaml' })).listen(8080)
 */
export async function guard(proxy: ProxyServer, options: GuardOptions): Promise<HttpProxyGuard> {
  const { options: proxyOptions = {} } = proxy as { readonly options?: ProxyOptions }
  checkProxyOptions(proxyOptions)
  const parts = await guardParts(options)
  const { receive, guardServer, refuseUpgrade } = createGuard(parts, host)
  const forward = proxy.web.bind(proxy)
  const exchanges = new WeakMap<object, ProxyExchange>()
  listen(proxy, exchanges)

  function web(request: IncomingMessage, response: ServerResponse, given: ProxyOptions = {}): void {
    const all = { ...proxyOptions, ...given }
    checkProxyOptions(all)
    if (!all.target) throw new TypeError('http-proxy has no target: give it one')
    receive(request, response, {
      pass(passage) {
        const exchange = new ProxyExchange(passage, parts.onUnauthorized)
        exchanges.set(request, exchange)
        const fail = (error: unknown): void => exchange.fail(error)
        const forwarding = forward(request, response, { ...given, ...asItIs(proxy) }, fail as never)
        if (forwarding instanceof Promise) forwarding.catch(fail)
      },
    })
  }
  const ws = (_request: unknown, socket: Socket): void => refuseUpgrade(socket)
  replace(proxy, web, ws)
  const listener = (request: IncomingMessage, response: ServerResponse): void => web(request, response)
  return Object.assign(listener, {
    web,
    ws,
    guardServer(server: Server) {
      guardServer(server)
      server.removeAllListeners('upgrade').on('upgrade', ws)
    },
    sessions: parts.sessions,
    close: parts.close,
  })
}

/** Methods with whose bodies http-proxy 1.18.1 keeps `Transfer-Encoding`, whatever it does with the others. */
const chunkable: ReadonlySet<string | undefined> = new Set(['POST', 'PUT', 'PATCH'])

const host: GuardHost = {
  // The upstream's own name is set by Node, which would not put the body into chunks where this field is missing.
  kept: new Set(['transfer-encoding']),
  targetOf: ({ url = '' }) => url,
  findHindrance({ method, headers, readableDidRead, complete }) {
    // It takes that field from DELETE and OPTIONS: their body would be the next request (CVE-2026-29057).
    if (headers['transfer-encoding'] !== undefined && !chunkable.has(method)) return 'field_invalid'
    // Somebody has read the body: the upstream would wait for it for ever.
    return readableDidRead && (complete || headers['transfer-encoding'] !== undefined) ? 'internal_fault' : undefined
  },
}

/** http-proxy takes a target apart and writes `'` as `%27`, unless it is told that it talks to a proxy. */
function asItIs(proxy: ProxyServer): ProxyOptions {
  return 'webPasses' in proxy ? { toProxy: true, prependPath: false } : { prependPath: false }
}

function listen(proxy: ProxyServer, exchanges: WeakMap<object, ProxyExchange>): void {
  proxy.on('proxyReq', (upstream: ClientRequest, request: IncomingMessage) => exchanges.get(request)?.begin(upstream))
  proxy.on('proxyRes', (upstream: IncomingMessage, request: IncomingMessage) =>
    exchanges.get(request)?.answer(upstream),
  )
  proxy.on('error', (error: unknown, request: IncomingMessage | undefined) => {
    if (request) exchanges.get(request)?.fail(error)
  })
}

/** 1.18.1 has each of the two under a second name. */
function replace(proxy: ProxyServer, web: HttpProxyGuard['web'], ws: HttpProxyGuard['ws']): void {
  Object.assign(proxy, { web, ws })
  if ('proxyRequest' in proxy) Object.assign(proxy, { proxyRequest: web, proxyWebsocketRequest: ws })
}

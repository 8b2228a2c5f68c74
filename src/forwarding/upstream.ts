import type { IncomingMessage } from 'node:http'
import { type ConnectorOptions, createConnector } from './connector.ts'
import { Exchange } from './exchange.ts'
import type { ExchangeOptions, ExchangeParties, UpstreamRequest } from './exchange-parties.ts'
import type { FieldChanges } from './request-fields.ts'
import { requestFields } from './request-fields.ts'
import { Slots } from './slots.ts'

export interface UpstreamOptions extends ExchangeOptions, ConnectorOptions {
  /** Origin, such as `https://api.sandbox.joinforage.app`. */
  readonly origin: string
  /** Most connections at a time. */
  readonly connections: number
  /** Most requests that wait for a connection, as a multiple of `connections`. Default 8. */
  readonly waitingPerConnection?: number
  /** How long an idle connection is kept where the upstream gives no hint. Below the usual servers' 5 s. Default 4000. */
  readonly idleTimeoutMs?: number
  /** Age after which a connection takes no more requests, so that a change in DNS is followed. Default 60000. */
  readonly maxConnectionAgeMs?: number
}

/** Where allowed requests go. */
export interface Upstream {
  /** Forwards a request; its target and body unchanged, its field lines as the decision says. */
  forward(parties: ExchangeParties, changes: FieldChanges): Exchange
  /** Closes the idle connections, and the others as soon as they are done. */
  close(): Promise<void>
}

export function createUpstream(options: UpstreamOptions): Upstream {
  const { waitingPerConnection = 8, idleTimeoutMs = 4000, maxConnectionAgeMs = 60_000 } = options
  const slots = new Slots({
    origin: options.origin,
    connect: createConnector(options),
    connections: options.connections,
    maxWaiting: options.connections * waitingPerConnection,
    idleTimeoutMs,
    maxAgeMs: maxConnectionAgeMs,
  })
  return {
    forward(parties, changes) {
      const exchange = new Exchange(parties, upstreamRequest(parties.request, changes), options, slots)
      exchange.start()
      return exchange
    },
    close: () => slots.close(),
  }
}

/** What undici would refuse, the gate has refused: odd targets, field names and values, `Expect`, what `Connection` names. */
function upstreamRequest(
  { method, url, headers, rawHeaders }: IncomingMessage,
  changes: FieldChanges,
): UpstreamRequest {
  return {
    method: method as string,
    path: url as string,
    headers: requestFields(rawHeaders, changes),
    // An empty one names nothing by which the upstream could know the request again.
    hasIdempotencyKey: Boolean(headers['idempotency-key']),
  }
}

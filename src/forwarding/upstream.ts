import type { IncomingMessage } from 'node:http'
import { type ConnectorOptions, createConnector } from './connector.ts'
import { Exchange } from './exchange.ts'
import type { ExchangeEvents, ExchangeOptions, ExchangeParties, UpstreamRequest } from './exchange-parties.ts'
import type { FieldChanges } from './request-fields.ts'
import { requestFields } from './request-fields.ts'
import { Slots } from './slots.ts'

export interface UpstreamOptions extends ExchangeOptions, Omit<ConnectorOptions, 'localAddress'> {
  /** Origin, such as `https://api.sandbox.joinforage.app`. */
  readonly origin: string
  /** Addresses of this machine that requests may leave from. Default: none, the system chooses. */
  readonly localAddresses?: readonly string[]
  /** Most connections at a time, over all local addresses. */
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
  /** Gets a request ready; its target and body unchanged, its field lines as the decision says. Nothing is sent yet. */
  prepare(parties: ExchangeParties, changes: FieldChanges, events?: ExchangeEvents): Exchange
  /** Sends it. @param egress one of the local addresses. Default: the first one, or the system's choice */
  start(exchange: Exchange, egress?: string): void
  /** Closes the idle connections, and the others as soon as they are done. */
  close(): Promise<void>
}

export function createUpstream(options: UpstreamOptions): Upstream {
  const { localAddresses = [] } = options
  const byEgress = new Map(localAddresses.map(address => [address, slotsFrom(options, address)]))
  const [first = slotsFrom(options)] = byEgress.values()
  return {
    prepare: (parties, changes, events) =>
      new Exchange(parties, upstreamRequest(parties.request, changes), options, events),
    start: (exchange, egress = '') => exchange.start(byEgress.get(egress) ?? first),
    async close() {
      await Promise.all([first, ...byEgress.values()].map(slots => slots.close()))
    },
  }
}

/** The places for requests that leave from one local address. */
function slotsFrom(options: UpstreamOptions, localAddress?: string): Slots {
  const { waitingPerConnection = 8, idleTimeoutMs = 4000, maxConnectionAgeMs = 60_000, localAddresses = [] } = options
  const connections = Math.ceil(options.connections / Math.max(1, localAddresses.length))
  return new Slots({
    origin: options.origin,
    connect: createConnector({ ...options, ...(localAddress !== undefined && { localAddress }) }),
    connections,
    maxWaiting: connections * waitingPerConnection,
    idleTimeoutMs,
    maxAgeMs: maxConnectionAgeMs,
  })
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

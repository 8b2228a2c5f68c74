import { Pool } from 'undici'
import { Exchange } from './exchange.ts'
import type { ExchangeOptions, ExchangeParties } from './exchange-parties.ts'
import type { FieldChanges } from './request-fields.ts'
import { requestFields } from './request-fields.ts'

export interface UpstreamOptions extends ExchangeOptions {
  /** Origin, such as `https://api.sandbox.joinforage.app`. */
  readonly origin: string
  /** Most connections at a time. */
  readonly connections: number
  readonly connectTimeoutMs: number
}

/** Where allowed requests go. */
export interface Upstream {
  /** Forwards a request; its target and body unchanged, its field lines as the decision says. */
  forward(parties: ExchangeParties, changes: FieldChanges): Exchange
  /** Closes the idle connections, and the others as soon as they are done. */
  close(): Promise<void>
}

/** Largest head of an answer that is accepted, in octets. */
const maxResponseHeadBytes = 64 * 1024

export function createUpstream(options: UpstreamOptions): Upstream {
  const pool = new Pool(options.origin, {
    connections: options.connections,
    // One request at a time on a connection: an answer out of turn can then reach nobody else.
    pipelining: 1,
    connect: { timeout: options.connectTimeoutMs },
    // Deadlines are the exchange's own: undici's fire up to a second late.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: maxResponseHeadBytes,
  })
  return {
    forward(parties, changes) {
      const { request } = parties
      const exchange = new Exchange(parties, options)
      // undici loses a connection for ever with every request that it refuses itself. The gate has refused all that it
      // would: odd targets, field names and values, `Expect`, and what `Connection` names.
      pool.dispatch(
        {
          method: request.method as string,
          path: request.url as string,
          headers: requestFields(request.rawHeaders, changes),
          body: exchange.body,
        },
        exchange,
      )
      return exchange
    },
    // undici rejects the second call.
    close: async () => (pool.destroyed ? undefined : pool.close()),
  }
}

import { vaultPrefix } from '../forage/vault-prefix.ts'
import type { Exchange } from './exchange.ts'
import type { Upstream } from './upstream.ts'

/**
 * Two upstreams as one: requests under `/proxy/` go to the vault, all others to the Payments API. Each has its own
 * connections: a card number never travels on one of the other.
 */
export function createUpstreamWithVault(api: Upstream, vault: Upstream): Upstream {
  const ofVault = new WeakSet<Exchange>()
  return {
    prepare(parties, changes, events) {
      if (!parties.request.url?.startsWith(vaultPrefix)) return api.prepare(parties, changes, events)
      const exchange = vault.prepare(parties, changes, events)
      ofVault.add(exchange)
      return exchange
    },
    start(exchange, egress) {
      const upstream = ofVault.has(exchange) ? vault : api
      upstream.start(exchange, egress)
    },
    async close() {
      await Promise.all([api.close(), vault.close()])
    },
  }
}

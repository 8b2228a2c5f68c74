import { BlockList, isIP } from 'node:net'

/** Finds the address of a client from that of the peer and the request's field lines (name, value, name, value …). */
export type FindClientAddress = (peer: string, fields: readonly string[]) => string

/**
 * Believes `X-Forwarded-For` of trusted proxies only, and of their list only what they added: from the right, the first
 * address that is not a trusted proxy's. What stands further left, anybody may have written.
 *
 * @param trustedProxies networks, such as `10.0.0.0/8`; none: the peer is the client
 */
export function createClientAddress(trustedProxies: readonly string[]): FindClientAddress {
  if (trustedProxies.length === 0) return withoutMapping
  const trusted = new BlockList()
  for (const network of trustedProxies) {
    const [address = '', bits] = network.split('/')
    trusted.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  const isTrusted = (address: string): boolean => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

  return (peer, fields) => {
    let client = withoutMapping(peer)
    const hops = isTrusted(client) ? forwardedFor(fields) : []
    while (isTrusted(client)) {
      const hop = withoutMapping(hops.pop() ?? '')
      // A hop that is no address ends the chain: the last proxy that is known did not write it.
      if (isIP(hop) === 0) break
      client = hop
    }
    return client
  }
}

function forwardedFor(fields: readonly string[]): string[] {
  const hops: string[] = []
  for (let index = 0; index < fields.length; index += 2) {
    if (fields[index]?.toLowerCase() === 'x-forwarded-for') hops.push(...(fields[index + 1] ?? '').split(','))
  }
  return hops.map(hop => hop.trim())
}

/** An IPv4 client of a socket that takes both versions appears as `::ffff:192.0.2.1`. */
function withoutMapping(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address
}

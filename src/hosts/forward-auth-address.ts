import { BlockList, isIP } from 'node:net'
import { createClientAddress } from './client-address.ts'

/**
 * Finds the address of the client that a front asks for.
 *
 * @param peer address of whoever asks
 * @param list the addresses that the front tells of: the client's, and of proxies between the two
 * @returns undefined where it cannot be known, or the peer may not ask
 */
export type FindOrigin = (peer: string, list: string | undefined) => string | undefined

/**
 * @param trustedProxies networks of the fronts and of the proxies before them; nobody else may ask. None: anybody, and the
 * front tells of one address only
 * @param addsAddress whether the front adds to what the client wrote: the last address is then its own word
 */
export function createFindOrigin(trustedProxies: readonly string[], addsAddress: boolean): FindOrigin {
  if (trustedProxies.length === 0) {
    return (_peer, list = '') => asAddress(addsAddress ? list.slice(list.lastIndexOf(',') + 1).trim() : list)
  }
  const findClientAddress = createClientAddress(trustedProxies)
  const isTrusted = trustedNetworks(trustedProxies)
  return (peer, list = '') => {
    if (!isTrusted(findClientAddress(peer, []))) return undefined
    if (list.split(',').some(each => isIP(each.trim()) === 0)) return undefined
    return findClientAddress(peer, ['x-forwarded-for', list])
  }
}

/** In the one spelling that limits count by. */
function asAddress(text: string): string | undefined {
  return isIP(text) === 0 ? undefined : asPeer(text, [])
}

const asPeer = createClientAddress([])

function trustedNetworks(networks: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    trusted.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  return address => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

import { randomBytes } from 'node:crypto'
import type { RequestIds } from '../gate/request-head.ts'

const idBytes = 16 + 16 + 8
const poolBytes = idBytes * 256

/** Makes the identifiers of requests. Random octets are drawn in bulk: one call into the system per 256 requests. */
export function createRequestIds(random: (size: number) => Buffer = randomBytes): () => RequestIds {
  let pool = ''
  let position = 0
  const take = (octets: number): string => {
    const start = position
    position += octets * 2
    return pool.slice(start, position)
  }
  return () => {
    if (position >= pool.length) {
      pool = random(poolBytes).toString('hex')
      position = 0
    }
    return { requestId: take(16), traceId: take(16), spanId: take(8) }
  }
}

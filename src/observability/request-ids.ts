import { randomBytes } from 'node:crypto'
import type { RequestIds } from '../gate/request-head.ts'

export interface RequestIdsOptions {
  /** Whether the call of Forage gets a span of its own. Default false. */
  readonly hasClientSpan?: boolean
  /** Default: the system's. */
  readonly random?: (size: number) => Buffer
}

/** Makes the identifiers of requests. Random octets are drawn in bulk: one call into the system per 256 requests. */
export function createRequestIds({
  hasClientSpan = false,
  random = randomBytes,
}: RequestIdsOptions = {}): () => RequestIds {
  const poolBytes = (16 + 16 + 8 + (hasClientSpan ? 8 : 0)) * 256
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
    const ids = { requestId: take(16), traceId: take(16), spanId: take(8) }
    return hasClientSpan ? { ...ids, clientSpanId: take(8) } : ids
  }
}

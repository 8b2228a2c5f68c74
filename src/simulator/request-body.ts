import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Most bytes of a body that are read into memory: Django's `DATA_UPLOAD_MAX_MEMORY_SIZE`. */
export const maxBodyBytes = 2_621_440

/** A request body that was read to its end. */
export interface RequestBody {
  /** The whole body, or null when it is larger than {@link maxBodyBytes}. */
  readonly bytes: Buffer | null
  readonly size: number
  /** Hexadecimal. */
  readonly sha256: string
}

/**
 * Reads a body to its end. What exceeds the limit is counted, hashed and let go, never kept: a proxy that is still
 * sending gets its answer instead of a broken connection.
 *
 * @throws when the client goes away before the end
 */
export async function readRequestBody(request: IncomingMessage, limit: number = maxBodyBytes): Promise<RequestBody> {
  const hash = createHash('sha256')
  let chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk)
    size += chunk.length
    if (size <= limit) chunks.push(chunk)
    else chunks = []
  }
  return { bytes: size > limit ? null : Buffer.concat(chunks), size, sha256: hash.digest('hex') }
}

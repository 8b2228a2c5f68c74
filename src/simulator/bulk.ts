import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { type Answer, answerJson } from './answer.ts'
import type { RequestBody } from './request-body.ts'

/** The content of every large download: byte `i` is `i % 251`, which no power of two divides. */
const pattern = Buffer.from(Array.from({ length: 251 * 256 }, (_, index) => index % 251))

/** Largest download, 1 TiB. */
const maxDownloadBytes = 2 ** 40

/** The number of bytes that a text asks for, or null when it asks for none or too many. */
export function readByteCount(text: string): number | null {
  const count = /^\d{1,13}$/.test(text) ? Number(text) : Number.NaN
  return count <= maxDownloadBytes ? count : null
}

/**
 * Streams a download no faster than the client reads it.
 *
 * @param total bytes that `Content-Length` promises
 * @param sent bytes after which the connection is dropped; all of them when it is `total`
 */
export async function sendBytes(response: ServerResponse, total: number, sent: number = total): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': total })
  for (let rest = sent; rest > 0 && !response.destroyed; rest -= pattern.length) {
    const isAccepted = response.write(rest < pattern.length ? pattern.subarray(0, rest) : pattern)
    if (!isAccepted) await Promise.race([once(response, 'drain'), once(response, 'close')])
  }
  if (sent < total) response.destroy()
  else response.end()
}

/** What came in an upload that was read to its end and not kept. */
export function answerSink({ size, sha256 }: RequestBody): Answer {
  return answerJson(200, { bytes: size, sha256 })
}

import type { IncomingMessage } from 'node:http'
import { maxKeptBytes } from './kept-body.ts'
import type { OutgoingBody } from './request-body.ts'

/** Whether a body has come as a whole. Node calls it complete only a moment after its last octet. */
export function isHere({ complete, headers, readableLength }: IncomingMessage): boolean {
  return complete || readableLength === Number(headers['content-length'])
}

/**
 * The body of a request that has come as a whole with its head, as short ones do: it goes out in one piece with the head,
 * without a stream between.
 *
 * @returns undefined when the rest is still to come, when it is long, or when the client waits to be told to send it
 */
export function wholeBody(request: IncomingMessage): OutgoingBody | undefined {
  const { headers, readableLength } = request
  if (readableLength > maxKeptBytes || readableLength !== Number(headers['content-length'])) return undefined
  if (headers.expect !== undefined) return undefined
  const content: Buffer = request.read()
  return {
    content,
    bytes: content.length,
    isStarving: false,
    isWhole: true,
    inHand: () => content,
    letGo() {},
    destroy() {},
  }
}

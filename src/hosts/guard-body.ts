import type { IncomingMessage } from 'node:http'
import { hasBody } from '../forwarding/request-body.ts'

/**
 * Counts a request's body as it comes in, whoever reads it and however.
 *
 * It stands where Node hands the octets over, not among the readers: a listener of its own would begin to read, and a
 * stream in between would not be the request that a handler expects.
 */
export class GuardedBody {
  /** Octets so far. */
  bytes: number
  readonly #request: IncomingMessage
  #isDropped = false

  /** @param onTooLarge called once, when there are more than `maxBytes` (null: any number) */
  constructor(request: IncomingMessage, maxBytes: number | null, onTooLarge: () => void) {
    this.#request = request
    // Came while the decision was made, and waits to be read.
    this.bytes = request.readableLength
    if (!hasBody(request) || request.complete) return
    const push = request.push.bind(request)
    request.push = chunk => {
      if (this.#isDropped) return this.#drop(chunk)
      this.bytes += chunk?.length ?? 0
      if (maxBytes === null || this.bytes <= maxBytes) return push(chunk)
      onTooLarge()
      return this.#drop(chunk)
    }
  }

  /** Nothing more of it is handed over, its end neither: half a body must not look whole. */
  drop(): void {
    this.#isDropped = true
  }

  #drop(chunk: unknown): boolean {
    // Its end has come. A turn later, since the answer may still be on its way to the socket.
    if (chunk === null) setImmediate(() => this.#request.destroy())
    return true
  }
}

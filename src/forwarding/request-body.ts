import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

/** The client went away, or sent less than it had announced. */
export class ClientGone extends Error {
  readonly code = 'ERR_FORAGE_CLIENT_GONE'
}

/** The body went over the limit while it was streamed. */
export class BodyTooLarge extends Error {
  readonly code = 'ERR_FORAGE_BODY_TOO_LARGE'
}

/** The framing of the body broke off in the middle: what came before must not be taken for a request. */
export class BodyMalformed extends Error {
  readonly code = 'ERR_FORAGE_BODY_MALFORMED'
}

/** Whether a request has a body (RFC 9112 §6): one of the two framing fields says so. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

export interface RequestBodyOptions {
  /** Most octets; null: any number. */
  readonly maxBytes: number | null
  /** Called before the first octet is asked for: the moment to answer `Expect: 100-continue`. */
  readonly onFirstRead: () => void
  /** Called for every piece that travels on. */
  readonly onProgress: () => void
}

/**
 * A request's body on its way to the upstream: nothing is kept, the client is read only as fast as the upstream takes.
 *
 * It stands between the two because undici destroys a body whose exchange has failed, and destroying an IncomingMessage
 * closes the client's connection before the refusal is written.
 */
export class RequestBody extends Readable {
  /** Octets that have passed. */
  bytes = 0
  /** Whether the upstream wants more than the client has sent so far. */
  isStarving = false
  readonly #source: IncomingMessage
  readonly #options: RequestBodyOptions
  #isAttached = false

  constructor(source: IncomingMessage, options: RequestBodyOptions) {
    super({ highWaterMark: 64 * 1024 })
    this.#source = source
    this.#options = options
  }

  override _read(): void {
    this.isStarving = true
    if (this.#isAttached) {
      this.#source.resume()
      return
    }
    this.#isAttached = true
    this.#options.onFirstRead()
    this.#source.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose)
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#source.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose)
    this.#source.pause()
    callback(error)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.isStarving = false
    this.bytes += chunk.length
    const { maxBytes, onProgress } = this.#options
    if (maxBytes !== null && this.bytes > maxBytes) {
      this.destroy(new BodyTooLarge())
      return
    }
    onProgress()
    if (!this.push(chunk)) this.#source.pause()
  }

  readonly #onEnd = (): void => {
    this.isStarving = false
    this.push(null)
  }

  /** Closed before its end: the rest will never come, and half a body must not look whole to the upstream. */
  readonly #onClose = (): void => {
    if (!this.#source.complete) this.destroy(new ClientGone())
  }
}

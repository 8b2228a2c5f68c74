import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { sendContinue } from './expectation.ts'
import { KeptBody } from './kept-body.ts'
import { wholeBody } from './whole-body.ts'

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

/** What an exchange knows of the body of its request. */
export interface OutgoingBody {
  /** What is given to the upstream's client. */
  readonly content: Readable | Buffer
  /** Octets that have passed. */
  readonly bytes: number
  /** Whether the upstream wants more than the client has sent so far. */
  readonly isStarving: boolean
  /** Whether the client has sent all of it. */
  readonly isWhole: boolean
  /** All of it, to be sent once more; undefined when it is not all here. */
  inHand(): Buffer | undefined
  /** It will not be sent once more. */
  letGo(): void
  destroy(): void
}

export interface RequestBodyOptions {
  /** Most octets; null: any number. */
  readonly maxBytes: number | null
  /** Called before the first octet is asked for: the moment to answer `Expect: 100-continue`. */
  readonly onFirstRead: () => void
  /** Called for every piece that travels on. */
  readonly onProgress: () => void
  /** Whether the request may have to be sent twice. */
  readonly isRepeatable: boolean
}

/**
 * A request's body on its way to the upstream: nothing is kept, the client is read only as fast as the upstream takes.
 *
 * It stands between the two because undici destroys a body whose exchange has failed, and destroying an IncomingMessage
 * closes the client's connection before the refusal is written.
 */
export class RequestBody extends Readable implements OutgoingBody {
  bytes = 0
  isStarving = false
  isWhole = false
  readonly #kept: KeptBody | undefined
  readonly #source: IncomingMessage
  readonly #options: RequestBodyOptions
  #isAttached = false

  constructor(source: IncomingMessage, options: RequestBodyOptions) {
    super({ highWaterMark: 64 * 1024 })
    this.#source = source
    this.#options = options
    this.#kept = options.isRepeatable ? new KeptBody() : undefined
  }

  get content(): Readable {
    return this
  }

  inHand(): Buffer | undefined {
    return this.isWhole ? this.#kept?.octets() : undefined
  }

  letGo(): void {
    this.#kept?.drop()
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
    this.#kept?.add(chunk)
    onProgress()
    if (!this.push(chunk)) this.#source.pause()
  }

  readonly #onEnd = (): void => {
    this.isStarving = false
    this.isWhole = true
    this.push(null)
  }

  /** Closed before its end: the rest will never come, and half a body must not look whole to the upstream. */
  readonly #onClose = (): void => {
    if (!this.#source.complete) this.destroy(new ClientGone())
  }
}

export interface ClientBodyOptions extends Omit<RequestBodyOptions, 'onFirstRead'> {
  /** The client went away, or sent too much. */
  readonly onFault: (error: Error) => void
}

/** Opens the body of a request, and answers `Expect: 100-continue` when the first octet is wanted. Null: there is none. */
export function openBody(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  options: ClientBodyOptions,
): OutgoingBody | null {
  if (!hasBody(request)) return null
  const whole = wholeBody(request)
  if (whole) return whole
  const body = new RequestBody(request, { ...options, onFirstRead: () => sendContinue(request, response) })
  // undici also destroys the body when its attempt fails, and tells of that by itself.
  body.on('error', error => {
    if (error instanceof BodyTooLarge || error instanceof ClientGone) options.onFault(error)
  })
  return body
}

/** The refusal that a fault of the client's body calls for; undefined: the error is something else. */
export function bodyRefusalOf(error: Error): 'body_too_large' | 'field_invalid' | undefined {
  if (error instanceof BodyTooLarge) return 'body_too_large'
  return error instanceof BodyMalformed ? 'field_invalid' : undefined
}

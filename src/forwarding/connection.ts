import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { Client, type Dispatcher } from 'undici'
import type { Connect } from './connector.ts'
import type { UpstreamRequest } from './exchange-parties.ts'

export interface ConnectionOptions {
  /** Origin, such as `https://api.sandbox.joinforage.app`. */
  readonly origin: string
  readonly connect: Connect
  /** How long it is kept idle where the upstream gives no hint (`Keep-Alive: timeout`). */
  readonly idleTimeoutMs: number
  /** Age after which it takes no more requests, so that a change in DNS is followed. */
  readonly maxAgeMs: number
}

/** Largest head of an answer that is accepted, in octets. */
const maxResponseHeadBytes = 64 * 1024
/** How much sooner than its hint says the upstream is taken to close an idle connection. */
const idleMarginMs = 1000

/** Who is told of an answer, and may hold it back. */
export interface AnswerHandler extends Dispatcher.DispatchHandler {
  /** Takes it again, if it was held back. */
  resume(): void
}

/**
 * One connection to the upstream: an undici client and what is known of its socket. undici's own pool does not tell
 * which socket a request goes out on, so it could not be known whether it was used before; and it loses a place for
 * ever with every request that it refuses itself.
 *
 * A connection on which anything failed is thrown away as a whole. undici would open a fresh one in place of a socket
 * that an aborted request took along, and after some faults its client takes no more requests at all.
 */
export class UpstreamConnection {
  readonly #client: Client
  readonly #maxAgeMs: number
  #socket: Socket | undefined
  #handler: AnswerHandler | undefined
  #openedAt = 0
  #answers = 0
  #isBroken = false

  constructor({ origin, connect, idleTimeoutMs, maxAgeMs }: ConnectionOptions) {
    this.#maxAgeMs = maxAgeMs
    this.#client = new Client(origin, {
      // One request at a time: an answer out of turn can then reach nobody else.
      pipelining: 1,
      connect: (options, callback) => {
        this.#socket = connect(options, callback).on('end', this.#onEnd)
        this.#openedAt = performance.now()
        this.#answers = 0
      },
      // Deadlines are the exchange's own: undici's fire up to a second late.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: maxResponseHeadBytes,
      keepAliveTimeout: idleTimeoutMs,
      keepAliveTimeoutThreshold: idleMarginMs,
      keepAliveMaxTimeout: maxAgeMs,
    })
  }

  dispatch({ method, path, headers }: UpstreamRequest, body: Readable | Buffer | null, handler: AnswerHandler): void {
    this.#handler = handler
    this.#client.dispatch({ method, path, headers, body }, handler)
  }

  /** Whether its socket has carried a whole answer before. */
  get isReused(): boolean {
    return this.#answers > 0
  }

  /** Octets that its socket has received so far. */
  get bytesRead(): number {
    return this.#socket?.bytesRead ?? 0
  }

  /** Whether the next request may go out on it. */
  get isFit(): boolean {
    return !this.#isBroken && (this.#socket === undefined || performance.now() - this.#openedAt < this.#maxAgeMs)
  }

  noteAnswer(): void {
    this.#handler = undefined
    this.#answers++
  }

  /**
   * An answer that ends with its connection is held back no longer: all of it has been read, and undici fails an assertion,
   * which ends the process, when it is told of an end while it waits (its onHttpSocketEnd). Its listener is called after
   * this one, since it is added once the connection is there.
   */
  readonly #onEnd = (): void => this.#handler?.resume()

  /** Ends it at once, also while it still connects. */
  destroy(): void {
    if (this.#isBroken) return
    this.#isBroken = true
    // undici may be in the middle of telling of the failure.
    queueMicrotask(() => {
      void this.#client.destroy()
      this.#socket?.destroy()
    })
  }

  /** Ends it in good order. It must be idle. */
  async close(): Promise<void> {
    if (!this.#isBroken) await this.#client.close()
  }
}

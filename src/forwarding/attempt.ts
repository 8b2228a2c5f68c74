import type { Dispatcher } from 'undici'
import type { AnswerHandler, UpstreamConnection } from './connection.ts'
import { faultOf } from './faults.ts'
import type { FailedAttempt } from './retry.ts'

/** The head of a final answer, as the upstream wrote it. */
export interface AnswerHead {
  readonly status: number
  readonly statusMessage: string
  /** Name, value … */
  readonly rawFields: readonly (Buffer | string)[]
}

/** Who is told of an attempt. After `onEnd` or `onFailure` there is nothing more to tell. */
export interface AttemptListener {
  /** The first octets of an answer came, perhaps of an interim one. */
  onAnswering(): void
  onHead(head: AnswerHead): void
  /** @returns whether more can be taken at once; otherwise nothing comes until `resume` */
  onData(chunk: Buffer): boolean
  onEnd(rawTrailers: readonly (Buffer | string)[]): void
  onFailure(error: Error, attempt: FailedAttempt): void
}

/** One request sent once on one connection; undici calls it as its handler. It knows for certain how far it came. */
export class Attempt implements AnswerHandler {
  readonly #connection: UpstreamConnection
  readonly #listener: AttemptListener
  #controller: Dispatcher.DispatchController | undefined
  #isReused = false
  #bytesReadBefore = 0
  #isOver = false

  constructor(connection: UpstreamConnection, listener: AttemptListener) {
    this.#connection = connection
    this.#listener = listener
  }

  /** Whether anything of the request may have been written. */
  get isSent(): boolean {
    return this.#controller !== undefined
  }

  /** The moment before the first octet is written. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    this.#isReused = this.#connection.isReused
    this.#bytesReadBefore = this.#connection.bytesRead
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _: unknown,
    statusMessage: string = '',
  ): void {
    if (this.#isOver) return
    this.#listener.onAnswering()
    // 1xx: the final answer is still to come (RFC 9110 §15.2).
    if (status < 200) return
    this.#listener.onHead({ status, statusMessage, rawFields: lines(controller.rawHeaders) })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // undici tells of an empty one when an answer without a length goes on: to hold that back would be for ever.
    if (this.#isOver || chunk.length === 0) return
    if (!this.#listener.onData(chunk)) controller.pause()
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#connection.noteAnswer()
    this.#listener.onEnd(lines(controller.rawTrailers))
  }

  onResponseError(_: unknown, error: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#connection.destroy()
    const isUnsent = !this.isSent
    this.#listener.onFailure(error, {
      fault: faultOf(error, isUnsent),
      isUnsent,
      isReused: this.#isReused,
      hasAnswerBegun: this.#connection.bytesRead > this.#bytesReadBefore,
    })
  }

  /** Ends it at once, its connection included. The listener is not told. */
  abort(cause: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#controller?.abort(cause)
    this.#connection.destroy()
  }

  /** Takes data again. */
  resume(): void {
    this.#controller?.resume()
  }
}

/** undici's types allow objects, which it only uses for HTTP/2. */
function lines(raw: unknown): readonly (Buffer | string)[] {
  return Array.isArray(raw) ? raw : []
}

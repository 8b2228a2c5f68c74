import { type AnswerHead, Attempt, type AttemptListener } from './attempt.ts'
import { ClientAnswer } from './client-answer.ts'
import type { UpstreamConnection } from './connection.ts'
import { Deadline } from './deadline.ts'
import type { ExchangeOptions, ExchangeParties, UpstreamRequest } from './exchange-parties.ts'
import { AnswerInvalid, codeOf, DeadlineExceeded, faultOf } from './faults.ts'
import type { Outcome } from './outcome.ts'
import { BodyMalformed, bodyRefusalOf, ClientGone, openBody, type RequestBody } from './request-body.ts'
import { type FailedAttempt, isRepeatable, mayRetry } from './retry.ts'
import type { Slots, Waiter } from './slots.ts'

/**
 * One request and its answer, streamed both ways. Nothing is held back: a slow reader on one side slows the other, and
 * either side going away ends the other at once.
 */
export class Exchange implements AttemptListener, Waiter {
  readonly #parties: ExchangeParties
  readonly #request: UpstreamRequest
  readonly #options: ExchangeOptions
  readonly #slots: Slots
  readonly #answer: ClientAnswer
  readonly #deadline: Deadline
  readonly #body: RequestBody | null
  #sentAt = 0
  #connection: UpstreamConnection | undefined
  #attempt: Attempt | undefined
  #retries: 0 | 1 = 0
  #upstreamMs: number | undefined
  #hasEnded = false

  constructor(parties: ExchangeParties, request: UpstreamRequest, options: ExchangeOptions, slots: Slots) {
    this.#parties = parties
    this.#request = request
    this.#options = options
    this.#slots = slots
    this.#answer = new ClientAnswer(parties)
    this.#deadline = new Deadline(this.#onDeadline, options.headersTimeoutMs)
    this.#body = openBody(parties, {
      maxBytes: options.maxBodyBytes,
      isRepeatable: isRepeatable(request),
      onProgress: () => this.#deadline.refresh(),
      onFault: error => this.#abort(error),
    })
    parties.response.on('close', this.#onClientClose).on('drain', this.#onDrain)
  }

  /** Gets in line for a connection. */
  start(): void {
    const entry = this.#slots.enter(this)
    if (entry !== 'entered') this.#end('refused', entry === 'full' ? 'overloaded' : 'draining')
  }

  onTurn(connection: UpstreamConnection): void {
    this.#connection = connection
    // It may have left while its token was verified, or be about to leave.
    const { socket } = this.#parties.request
    if (socket.destroyed || socket.readableEnded) {
      this.abandon()
      return
    }
    // The time in line was ours, not the upstream's.
    this.#deadline.refresh()
    this.#sentAt = performance.now()
    this.#send(connection, this.#body)
  }

  onAnswering(): void {
    this.#body?.letGo()
  }

  onHead(head: AnswerHead): void {
    this.#upstreamMs = performance.now() - this.#sentAt
    this.#deadline.restart(this.#options.bodyTimeoutMs)
    const progress = this.#answer.begin(head)
    if (progress === 'invalid') this.#abort(new AnswerInvalid())
    if (progress === 'complete') this.#end('complete')
  }

  onData(chunk: Buffer): boolean {
    if (this.#hasEnded) return true
    this.#deadline.refresh()
    return this.#answer.write(chunk)
  }

  onEnd(rawTrailers: readonly (Buffer | string)[]): void {
    // Answered before it was all sent: what is left of it must not stand in front of the next request.
    if (this.#body?.isWhole === false) this.#connection?.destroy()
    this.#release()
    if (this.#hasEnded) return
    if (this.#answer.isEdgeError) this.#end('refused', 'upstream_invalid')
    else {
      this.#answer.end(rawTrailers)
      this.#end('complete')
    }
  }

  onFailure(error: Error, attempt: FailedAttempt): void {
    if (this.#hasEnded) {
      this.#release()
      return
    }
    // What was not sent was not taken from the client, either.
    const body = attempt.isUnsent || this.#body === null ? this.#body : this.#body.inHand()
    if (this.#retries === 0 && mayRetry(attempt, { ...this.#request, isBodyInHand: body !== undefined })) {
      this.#retries = 1
      this.#send(this.#slots.renew(this.#connection as UpstreamConnection), body ?? null)
      return
    }
    this.#release()
    this.#fail(error, attempt.fault)
  }

  /**
   * The client's message turned out not to be well formed after the exchange had begun.
   *
   * @returns false when it is no longer being read: the fault is in what came after it
   */
  breakOff(): boolean {
    if (this.#hasEnded || this.#body === null || this.#parties.request.complete) return false
    this.#abort(new BodyMalformed())
    return true
  }

  /** The client is gone. */
  abandon(): void {
    this.#abort(new ClientGone())
  }

  #send(connection: UpstreamConnection, body: RequestBody | Buffer | null): void {
    this.#connection = connection
    this.#attempt = new Attempt(connection, this)
    connection.dispatch(this.#request, body, this.#attempt)
  }

  readonly #onDrain = (): void => {
    this.#deadline.refresh()
    this.#attempt?.resume()
  }

  readonly #onClientClose = (): void => {
    if (!this.#parties.response.writableFinished) this.abandon()
  }

  readonly #onDeadline = (): void => {
    if (this.#connection === undefined) {
      this.#slots.leave(this)
      this.#end('refused', 'overloaded')
      return
    }
    // Who kept whom waiting? A client that stops sending or reading is not the upstream's fault.
    const isClientSlow = this.#body?.isStarving === true || this.#parties.response.writableNeedDrain
    this.#abort(isClientSlow ? new ClientGone() : new DeadlineExceeded())
  }

  #abort(cause: Error): void {
    if (this.#hasEnded) return
    if (this.#connection === undefined) this.#slots.leave(this)
    this.#attempt?.abort(cause)
    this.#release()
    this.#fail(cause)
  }

  #release(): void {
    if (this.#connection) this.#slots.release(this.#connection)
    this.#connection = undefined
  }

  #fail(error: Error, fault = faultOf(error)): void {
    const { response } = this.#parties
    const own = bodyRefusalOf(error)
    if (error instanceof ClientGone) {
      response.destroy()
      this.#end('gone')
    } else if (response.headersSent) {
      this.#answer.cut()
      this.#end('cut', fault, codeOf(error))
    } else if (this.#answer.isEdgeError) this.#end('refused', 'upstream_invalid', codeOf(error))
    else if (own) this.#end('refused', own)
    else this.#end('refused', fault, codeOf(error))
  }

  #end(end: Outcome['end'], reason?: Outcome['reason'], errorCode = ''): void {
    this.#hasEnded = true
    this.#deadline.callOff()
    this.#parties.response.off('close', this.#onClientClose).off('drain', this.#onDrain)
    this.#body?.destroy()
    const { status, bytesOut, unauthorizedBody } = this.#answer
    this.#parties.onEnd({
      end,
      reason,
      errorCode,
      retries: this.#retries,
      upstreamStatus: status,
      bytesIn: this.#body?.bytes ?? 0,
      bytesOut,
      upstreamMs: this.#upstreamMs,
      unauthorizedBody: end === 'complete' ? unauthorizedBody : undefined,
    })
  }
}

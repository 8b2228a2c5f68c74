import type { Dispatcher } from 'undici'
import { AnswerSample } from './answer-sample.ts'
import type { ExchangeOptions, ExchangeParties } from './exchange-parties.ts'
import { codeOf, faultOf } from './faults.ts'
import type { Outcome } from './outcome.ts'
import { BodyMalformed, BodyTooLarge, ClientGone, hasBody, RequestBody } from './request-body.ts'
import { responseFields } from './response-fields.ts'
import { isBodiless, reasonPhrase } from './response-head.ts'

/** The upstream kept silent for too long. */
class DeadlineExceeded extends Error {
  readonly code = 'ETIMEDOUT'
}

/** Answers of an upstream's edge that are no answers of the Payments API. */
const edgeStatuses = [502, 503, 504]

/**
 * One request and its answer, streamed both ways; undici calls it as its handler. Nothing is held back: a slow reader on
 * one side slows the other, and either side going away ends the other at once.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly body: RequestBody | null
  readonly #parties: ExchangeParties
  readonly #options: ExchangeOptions
  readonly #startedAt = performance.now()
  #timer: NodeJS.Timeout
  #controller: Dispatcher.DispatchController | undefined
  #abortedBy: Error | undefined
  #status: number | undefined
  #upstreamMs: number | undefined
  #remaining = Number.POSITIVE_INFINITY
  #bytesOut = 0
  #isEdgeError = false
  /** The body of a 401, which tells whether the token was the cause. */
  #unauthorized: AnswerSample | undefined
  #hasEnded = false

  constructor(parties: ExchangeParties, options: ExchangeOptions) {
    this.#parties = parties
    this.#options = options
    this.#timer = setTimeout(this.#onDeadline, options.headersTimeoutMs)
    this.body = hasBody(parties.request) ? this.#openBody() : null
    parties.response.on('close', this.#onClientClose).on('drain', this.#onDrain)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#abortedBy) controller.abort(this.#abortedBy)
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _: unknown, statusMessage = ''): void {
    // 1xx: the final answer is still to come (RFC 9110 §15.2).
    if (status < 200) return
    this.#status = status
    this.#upstreamMs = performance.now() - this.#startedAt
    this.#restartTimer(this.#options.bodyTimeoutMs)
    const raw = (controller.rawHeaders ?? []) as (Buffer | string)[]
    const { fields, contentLength, isJson } = responseFields(raw, this.#parties.responseFields())
    if (edgeStatuses.includes(status) && !isJson) {
      this.#isEdgeError = true
      return
    }
    if (status === 401 && isJson) this.#unauthorized = new AnswerSample()
    const { response } = this.#parties
    response.writeHead(status, reasonPhrase(status, statusMessage), fields)
    this.#remaining = contentLength ?? Number.POSITIVE_INFINITY
    if (this.#remaining > 0 && !isBodiless(status, this.#parties.request.method)) return
    // Complete with its head. undici takes a 304 that announces a length for a broken answer, so it is not waited for.
    response.end()
    this.#end('complete')
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#hasEnded || this.#isEdgeError) return
    this.#timer.refresh()
    this.#unauthorized?.add(chunk)
    this.#bytesOut += chunk.length
    this.#remaining -= chunk.length
    // The last octets go out together with the end, so that a small answer is one write.
    if (this.#remaining <= 0) this.#parties.response.end(chunk)
    else if (!this.#parties.response.write(chunk)) controller.pause()
  }

  onResponseEnd(): void {
    if (this.#hasEnded) return
    if (this.#isEdgeError) {
      this.#end('refused', 'upstream_invalid')
      return
    }
    this.#parties.response.end()
    this.#end('complete')
  }

  onResponseError(_: unknown, error: Error): void {
    if (this.#hasEnded) return
    this.#fail(this.#abortedBy ?? error)
  }

  /**
   * The client's message turned out not to be well formed after the exchange had begun.
   *
   * @returns false when it is no longer being read: the fault is in what came after it
   */
  breakOff(): boolean {
    if (this.#hasEnded || this.body === null || this.#parties.request.complete) return false
    this.#abort(new BodyMalformed())
    return true
  }

  /** The client is gone. */
  abandon(): void {
    this.#abort(new ClientGone())
  }

  #openBody(): RequestBody {
    const { request, response } = this.#parties
    const body = new RequestBody(request, {
      maxBytes: this.#options.maxBodyBytes,
      onFirstRead: () => {
        if (request.headers.expect !== undefined) response.writeContinue()
      },
      onProgress: () => this.#timer.refresh(),
    })
    // undici reports the same error; a body that fails before its dispatch would otherwise be an unhandled 'error'.
    body.on('error', error => this.#abort(error))
    return body
  }

  readonly #onDrain = (): void => {
    this.#timer.refresh()
    this.#controller?.resume()
  }

  readonly #onClientClose = (): void => {
    if (!this.#parties.response.writableFinished) this.abandon()
  }

  readonly #onDeadline = (): void => {
    // Who kept whom waiting? A client that stops sending or reading is not the upstream's fault.
    const isClientSlow = this.body?.isStarving === true || this.#parties.response.writableNeedDrain
    this.#abort(isClientSlow ? new ClientGone() : new DeadlineExceeded())
  }

  #abort(cause: Error): void {
    if (this.#hasEnded) return
    this.#abortedBy = cause
    // Without a controller the request still waits for a connection: it is aborted as soon as it gets one.
    this.#controller?.abort(cause)
    this.#fail(cause)
  }

  #fail(error: Error): void {
    if (this.#hasEnded) return
    const { response } = this.#parties
    if (error instanceof ClientGone) {
      response.destroy()
      this.#end('gone')
    } else if (response.headersSent) {
      this.#cut()
      this.#end('cut', faultOf(error), codeOf(error))
    } else if (this.#isEdgeError) this.#end('refused', 'upstream_invalid', codeOf(error))
    else if (error instanceof BodyTooLarge) this.#end('refused', 'body_too_large')
    else if (error instanceof BodyMalformed) this.#end('refused', 'field_invalid')
    else this.#end('refused', faultOf(error), codeOf(error))
  }

  /**
   * The client must see the answer as cut, never as complete. Where only the end of the connection ends the body
   * (HTTP/1.0), an orderly end would say complete. TLS tells the difference by itself.
   */
  #cut(): void {
    const { response } = this.#parties
    const { socket } = response
    const isFramed = response.chunkedEncoding || this.#remaining !== Number.POSITIVE_INFINITY
    if (isFramed || !socket || 'encrypted' in socket) response.destroy()
    else socket.resetAndDestroy()
  }

  #end(end: Outcome['end'], reason?: Outcome['reason'], errorCode = ''): void {
    this.#hasEnded = true
    clearTimeout(this.#timer)
    this.#parties.response.off('close', this.#onClientClose).off('drain', this.#onDrain)
    const bytesIn = this.body?.bytes ?? 0
    this.body?.destroy()
    const { onEnd } = this.#parties
    onEnd({
      end,
      reason,
      errorCode,
      upstreamStatus: this.#status,
      bytesIn,
      bytesOut: this.#bytesOut,
      upstreamMs: this.#upstreamMs,
      unauthorizedBody: end === 'complete' ? this.#unauthorized?.text() : undefined,
    })
  }

  #restartTimer(delayMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#onDeadline, delayMs)
  }
}

import { AnswerSample } from './answer-sample.ts'
import type { AnswerHead } from './attempt.ts'
import { endWithText } from './end-with-text.ts'
import type { ExchangeParties } from './exchange-parties.ts'
import { keepContinueFirst } from './expectation.ts'
import { responseFields } from './response-fields.ts'
import { isBodiless, reasonPhrase } from './response-head.ts'
import { responseTrailers, wantsTrailers } from './response-trailers.ts'

/** Answers of an upstream's edge that are no answers of the Payments API. */
const edgeStatuses = [502, 503, 504]
/** What Node writes without a buffer of its own is 16 KiB, the head included. Two pieces cost 15 % more of a small GET. */
const onePieceOctets = 8192

/** The upstream's answer on its way to the client: what is written, how much, and whether it was the whole. */
export class ClientAnswer {
  /** Status that the upstream gave; undefined before. */
  status: number | undefined
  /** Whether it is an error page of the upstream's edge, of which nothing is passed on. */
  isEdgeError = false
  /** Octets of the body that were passed on. */
  bytesOut = 0
  readonly #parties: ExchangeParties
  #remaining = Number.POSITIVE_INFINITY
  /** The body of a 401, which tells whether the token was the cause. */
  #unauthorized: AnswerSample | undefined

  constructor(parties: ExchangeParties) {
    this.#parties = parties
  }

  /** @returns whether a body follows, or the answer is complete with its head, or cannot be understood */
  begin({ status, statusMessage, rawFields }: AnswerHead): 'open' | 'complete' | 'invalid' {
    this.status = status
    const { fields, contentLength, isJson, isFramed } = responseFields(rawFields, this.#parties.responseFields())
    if (!isFramed) return 'invalid'
    if (edgeStatuses.includes(status) && !isJson) {
      this.isEdgeError = true
      return 'open'
    }
    if (status === 401 && isJson) this.#unauthorized = new AnswerSample()
    const { request, response } = this.#parties
    response.writeHead(status, reasonPhrase(status, statusMessage), fields)
    keepContinueFirst(response)
    this.#remaining = contentLength ?? Number.POSITIVE_INFINITY
    if (this.#remaining > 0 && !isBodiless(status, request.method)) return 'open'
    // undici takes a 304 that announces a length for a broken answer, so its end is not waited for.
    response.end()
    return 'complete'
  }

  /** @returns whether the client takes more at once */
  write(chunk: Buffer): boolean {
    if (this.isEdgeError) return true
    this.#unauthorized?.add(chunk)
    this.bytesOut += chunk.length
    this.#remaining -= chunk.length
    if (this.#remaining > 0) return this.#parties.response.write(chunk)
    this.#endWith(chunk)
    return true
  }

  /** The last octets go out together with the end, and a small answer as one text with its head: one write of one piece. */
  #endWith(chunk: Buffer): void {
    const { response } = this.#parties
    if (chunk.length > onePieceOctets) response.end(chunk)
    else endWithText(response, chunk.toString('latin1'))
  }

  end(rawTrailers: readonly (Buffer | string)[]): void {
    const { request, response } = this.#parties
    // The gateway itself asks for none (TE is hop by hop); what comes unasked is passed on to clients that can take it.
    if (rawTrailers.length > 0 && wantsTrailers(request)) response.addTrailers(responseTrailers(rawTrailers))
    response.end()
  }

  /**
   * Lets the client see that the answer was cut, never as complete. Where only the end of the connection ends the body
   * (HTTP/1.0), an orderly end would say complete. TLS tells the difference by itself.
   */
  cut(): void {
    const { response } = this.#parties
    const { socket } = response
    const isFramed = response.chunkedEncoding || this.#remaining !== Number.POSITIVE_INFINITY
    if (isFramed || !socket || 'encrypted' in socket) response.destroy()
    else socket.resetAndDestroy()
  }

  /** Body of a 401, if it was a short JSON. */
  get unauthorizedBody(): string | undefined {
    return this.#unauthorized?.text()
  }
}

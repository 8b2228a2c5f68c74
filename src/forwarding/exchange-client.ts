import { ClientAnswer } from './client-answer.ts'
import type { ExchangeParties } from './exchange-parties.ts'
import type { Outcome } from './outcome.ts'
import { ClientGone } from './request-body.ts'

/** What a client has to do with the exchange that it waits for. */
export interface ClientEvents {
  /** It is gone, or must be taken for gone. */
  onGone(client: ExchangeClient): void
  /** It takes more of the answer. */
  onDrain(): void
  /** @returns false when the fault is not in what this exchange sends */
  onMalformed(): boolean
}

/** What the exchange knows of its end. All its clients are told alike, but for `sentAt`. */
export type CommonEnd = Pick<Outcome, 'retries' | 'bytesIn' | 'upstreamMs' | 'sentAt' | 'retryAfterSec'>

/** One client of an exchange, and what it has got of the answer so far. */
export class ExchangeClient {
  readonly answer: ClientAnswer
  readonly parties: ExchangeParties
  readonly #events: ClientEvents
  /** What waits until it takes more; undefined: nothing does. */
  #onDrain: (() => void) | undefined

  constructor(parties: ExchangeParties, events: ClientEvents) {
    this.parties = parties
    this.#events = events
    this.answer = new ClientAnswer(parties)
  }

  /** Passes a piece of the answer's body on. @returns whether it takes more at once; otherwise `onDrain` is told when it does */
  write(chunk: Buffer): boolean {
    if (this.answer.write(chunk)) return true
    if (this.#onDrain === undefined) this.#awaitDrain()
    return false
  }

  /** The client's message turned out not to be well formed after the exchange had begun. */
  breakOff(): boolean {
    return this.#events.onMalformed()
  }

  /** The client is gone. Whoever has its connection tells. */
  abandon(): void {
    this.#events.onGone(this)
  }

  /** It may have left while its token was verified, or be about to leave. */
  get isLeaving(): boolean {
    const { socket } = this.parties.request
    return socket.destroyed || socket.readableEnded
  }

  /** It does not read what lies ready for it. */
  get isSlow(): boolean {
    return this.parties.response.writableNeedDrain
  }

  tell(end: Outcome['end'], common: CommonEnd, reason?: Outcome['reason'], errorCode = ''): void {
    if (this.#onDrain !== undefined) this.parties.response.off('drain', this.#onDrain)
    const { status, bytesOut, unauthorizedBody } = this.answer
    this.parties.onEnd({
      end,
      reason,
      errorCode,
      upstreamStatus: status,
      bytesOut,
      unauthorizedBody: end === 'complete' ? unauthorizedBody : undefined,
      retries: common.retries,
      bytesIn: common.bytesIn,
      upstreamMs: common.upstreamMs,
      sentAt: common.sentAt,
      retryAfterSec: common.retryAfterSec,
    })
  }

  /** Ends what has begun, so that the client sees that it is not the whole. @returns how the exchange ends for it */
  fail(cause: Error): 'gone' | 'cut' | 'refused' {
    const { response } = this.parties
    if (cause instanceof ClientGone) {
      response.destroy()
      return 'gone'
    }
    if (!response.headersSent) return 'refused'
    this.answer.cut()
    return 'cut'
  }

  #awaitDrain(): void {
    this.#onDrain = () => {
      this.#onDrain = undefined
      this.#events.onDrain()
    }
    this.parties.response.once('drain', this.#onDrain)
  }
}

import type { Readable } from 'node:stream'
import { type AnswerHead, Attempt, type AttemptListener } from './attempt.ts'
import type { UpstreamConnection } from './connection.ts'
import { Deadline } from './deadline.ts'
import { type ClientEvents, type CommonEnd, ExchangeClient } from './exchange-client.ts'
import {
  type ExchangeEvents,
  type ExchangeOptions,
  type ExchangeParties,
  noExchangeEvents,
  type UpstreamRequest,
} from './exchange-parties.ts'
import { AnswerInvalid, codeOf, DeadlineExceeded, faultOf } from './faults.ts'
import type { Outcome, OwnRefusal } from './outcome.ts'
import { BodyMalformed, bodyRefusalOf, ClientGone, type OutgoingBody, openBody } from './request-body.ts'
import { type FailedAttempt, isRepeatable, mayRetry } from './retry.ts'
import type { Slots, Waiter } from './slots.ts'

/**
 * One request and its answer, streamed both ways. Nothing is held back: a slow reader on one side slows the other, and
 * either side going away ends the other at once. Several clients may wait for the answer to one and the same read.
 */
export class Exchange implements AttemptListener, Waiter, ClientEvents {
  readonly #request: UpstreamRequest
  readonly #options: ExchangeOptions
  readonly #events: ExchangeEvents
  readonly #body: OutgoingBody | null
  /** Whose request it is; the others have joined. */
  readonly #first: ExchangeClient
  #clients: readonly ExchangeClient[]
  #slots: Slots | undefined
  #deadline: Deadline | undefined
  #sentAt = 0
  #connection: UpstreamConnection | undefined
  #attempt: Attempt | undefined
  #retries: 0 | 1 = 0
  #upstreamMs: number | undefined
  #retryAfterSec: number | undefined
  #hasEnded = false

  constructor(
    parties: ExchangeParties,
    request: UpstreamRequest,
    options: ExchangeOptions,
    events: ExchangeEvents = noExchangeEvents,
  ) {
    this.#request = request
    this.#options = options
    this.#events = events
    this.#first = new ExchangeClient(parties, this)
    this.#clients = [this.#first]
    this.#body = openBody(parties, {
      maxBytes: options.maxBodyBytes,
      isRepeatable: isRepeatable(request),
      onProgress: () => this.#deadline?.refresh(),
      onFault: error => this.#abort(error),
    })
  }

  /** The client whose request it is. */
  get first(): ExchangeClient {
    return this.#first
  }

  /** Gets in line for a connection. */
  start(slots: Slots): void {
    if (this.#hasEnded) return
    this.#slots = slots
    this.#deadline = new Deadline(this.#onDeadline, this.#options.headersTimeoutMs)
    const entry = slots.enter(this)
    if (entry !== 'entered') this.refuse(entry === 'full' ? 'overloaded' : 'draining')
  }

  /** Ends it before it was sent. @param retryAfterSec when it is worth trying again, where that is known */
  refuse(reason: OwnRefusal, retryAfterSec?: number): void {
    if (this.#hasEnded) return
    this.#retryAfterSec = retryAfterSec
    this.#end('refused', reason)
  }

  /**
   * Takes a second client on.
   *
   * @returns undefined when the answer has begun: it would miss what is already past; and when a client's turn to be
   *   answered on its connection has not come: it could not read, would hold up the others, and they might be whom it
   *   waits for
   */
  join(parties: ExchangeParties): ExchangeClient | undefined {
    if (this.#hasEnded || this.#upstreamMs !== undefined || this.#body !== null) return undefined
    if (![parties, ...this.#clients.map(client => client.parties)].every(isItsTurn)) return undefined
    const client = new ExchangeClient(parties, this)
    this.#clients = [...this.#clients, client]
    return client
  }

  onTurn(connection: UpstreamConnection): void {
    this.#connection = connection
    if (this.#clients.every(client => client.isLeaving)) {
      this.#abort(new ClientGone())
      return
    }
    // The time in line was ours, not the upstream's.
    this.#deadline?.refresh()
    this.#sentAt = performance.now()
    this.#send(connection, this.#body?.content ?? null)
  }

  onAnswering(): void {
    this.#body?.letGo()
  }

  onHead(head: AnswerHead): void {
    this.#upstreamMs = performance.now() - this.#sentAt
    this.#deadline?.restart(this.#options.bodyTimeoutMs)
    this.#events.onAnswer(head)
    for (const client of this.#clients) {
      const progress = client.answer.begin(head)
      if (progress === 'complete') this.#leave(client, 'complete')
      if (progress !== 'invalid') continue
      this.#abort(new AnswerInvalid())
      return
    }
  }

  onData(chunk: Buffer): boolean {
    if (this.#hasEnded) return true
    this.#deadline?.refresh()
    let takesMore = true
    for (const client of this.#clients) takesMore = client.write(chunk) && takesMore
    return takesMore
  }

  onEnd(rawTrailers: readonly (Buffer | string)[]): void {
    // Answered before it was all sent: what is left of it must not stand in front of the next request.
    if (this.#body?.isWhole === false) this.#connection?.destroy()
    this.#release()
    if (this.#hasEnded) return
    if (this.#clients.some(({ answer }) => answer.isEdgeError)) {
      this.#end('refused', 'upstream_invalid')
      return
    }
    for (const { answer } of this.#clients) answer.end(rawTrailers)
    this.#end('complete')
  }

  onFailure(error: Error, attempt: FailedAttempt): void {
    if (this.#hasEnded) {
      this.#release()
      return
    }
    // What was not sent was not taken from the client, either.
    const body = attempt.isUnsent || this.#body === null ? (this.#body?.content ?? null) : this.#body.inHand()
    if (this.#mayRetry(attempt, body !== undefined)) {
      this.#retries = 1
      this.#send((this.#slots as Slots).renew(this.#connection as UpstreamConnection), body ?? null)
      return
    }
    this.#release()
    this.#fail(error, attempt.fault)
  }

  onMalformed(): boolean {
    if (this.#hasEnded || this.#body === null || this.#first.parties.request.complete) return false
    this.#abort(new BodyMalformed())
    return true
  }

  onGone(client: ExchangeClient): void {
    if (this.#hasEnded || !this.#clients.includes(client)) return
    if (this.#clients.length === 1) {
      this.#abort(new ClientGone())
      return
    }
    client.fail(new ClientGone())
    this.#leave(client, 'gone')
    this.onDrain()
  }

  /** One that has had enough may not go on before the slowest. */
  onDrain(): void {
    this.#deadline?.refresh()
    if (!this.#clients.some(client => client.isSlow)) this.#attempt?.resume()
  }

  #mayRetry(attempt: FailedAttempt, isBodyInHand: boolean): boolean {
    if (this.#retries > 0 || !mayRetry(attempt, { ...this.#request, isBodyInHand })) return false
    return attempt.isUnsent || this.#events.mayRepeat()
  }

  #send(connection: UpstreamConnection, body: Readable | Buffer | null): void {
    this.#connection = connection
    this.#attempt = new Attempt(connection, this)
    connection.dispatch(this.#request, body, this.#attempt)
  }

  readonly #onDeadline = (): void => {
    if (this.#connection === undefined) {
      this.#slots?.leave(this)
      this.refuse('overloaded')
      return
    }
    // Who kept whom waiting? A client that stops sending or reading is not the upstream's fault.
    const slow = this.#clients.filter(client => client.isSlow)
    const isClientSlow = this.#body?.isStarving === true || slow.length > 0
    if (slow.length === 0 || slow.length === this.#clients.length) {
      this.#abort(isClientSlow ? new ClientGone() : new DeadlineExceeded())
    } else for (const client of slow) this.onGone(client)
  }

  #abort(cause: Error): void {
    if (this.#hasEnded) return
    if (this.#connection === undefined) this.#slots?.leave(this)
    this.#attempt?.abort(cause)
    this.#release()
    this.#fail(cause)
  }

  #release(): void {
    if (this.#connection) this.#slots?.release(this.#connection)
    this.#connection = undefined
  }

  #fail(error: Error, fault = faultOf(error)): void {
    const own = bodyRefusalOf(error)
    const code = codeOf(error)
    this.#finish(client => {
      const end = client.fail(error)
      if (end === 'gone') client.tell('gone', this.#common(client))
      else if (end === 'cut') client.tell('cut', this.#common(client), fault, code)
      else if (client.answer.isEdgeError) client.tell('refused', this.#common(client), 'upstream_invalid', code)
      else client.tell('refused', this.#common(client), own ?? fault, own ? '' : code)
    })
  }

  #end(end: Outcome['end'], reason?: Outcome['reason']): void {
    this.#finish(client => client.tell(end, this.#common(client), reason))
  }

  /** Nothing more will happen: tells every client that is still there. */
  #finish(tell: (client: ExchangeClient) => void): void {
    this.#hasEnded = true
    this.#deadline?.callOff()
    this.#body?.destroy()
    this.#events.onOver(this.#attempt?.isSent ?? false)
    for (const client of this.#clients) tell(client)
  }

  #leave(client: ExchangeClient, end: 'gone' | 'complete'): void {
    if (this.#clients.length === 1) this.#end(end)
    else {
      this.#clients = this.#clients.filter(other => other !== client)
      client.tell(end, this.#common(client))
    }
  }

  #common(client: ExchangeClient): CommonEnd {
    return {
      retries: this.#retries,
      bytesIn: this.#body?.bytes ?? 0,
      upstreamMs: this.#upstreamMs,
      sentAt: client === this.#first && this.#sentAt > 0 ? this.#sentAt : undefined,
      retryAfterSec: this.#retryAfterSec,
    }
  }
}

/** Node gives an answer its socket when those before it on the connection are out. */
function isItsTurn({ response }: ExchangeParties): boolean {
  return response.socket !== null
}

import type { Socket } from 'node:net'
import type { Allowed } from '../gate/decision.ts'
import type { Reason } from '../gate/reasons.ts'
import { clientGoneStatus } from '../observability/request-story.ts'
import type { UnderWay } from './connection.ts'
import { GuardedBody } from './guard-body.ts'
import { forgetBody, takeOver } from './guard-response.ts'
import type { Ending, Refused, Visit, VisitEnds } from './visit.ts'

export interface PassageOptions {
  readonly ends: VisitEnds
  readonly maxBodyBytes: number | null
  /** Called before the guard answers in the place of whoever was given the request. */
  readonly onTaken: () => void
}

/** An allowed request while others handle it. It is told of once, when it is over. */
export class GuardPassage implements UnderWay {
  readonly visit: Visit
  readonly decision: Allowed
  /** Called once, when nothing more will happen, or the client is gone. */
  onOver: () => void = () => {}
  /** Told with the rest at its end. */
  ending: Partial<Ending> = {}
  readonly #body: GuardedBody
  readonly #options: PassageOptions
  readonly #socket: Socket
  #isOver = false

  constructor(visit: Visit, decision: Allowed, options: PassageOptions) {
    this.visit = visit
    this.decision = decision
    this.#options = options
    this.#socket = visit.request.socket
    this.#body = new GuardedBody(visit.request, options.maxBodyBytes, () => this.refuse({ reason: 'body_too_large' }))
    visit.response.once('close', () => this.#conclude(undefined))
  }

  /**
   * Ends it: with a refusal while nothing of another answer was sent, by the end of the connection after that, so that
   * half an answer does not look whole.
   */
  refuse(refused: Refused): void {
    if (this.#isOver) return
    const { visit } = this
    const { request, response } = visit
    // undici takes it from a request that it was given as a body.
    request.socket ??= this.#socket
    this.#body.drop()
    if (response.headersSent || response.destroyed) {
      this.ending = { ...this.ending, errorCode: refused.errorCode ?? '' }
      response.destroy()
      this.#conclude(refused.reason)
      return
    }
    this.#isOver = true
    this.#options.onTaken()
    forgetBody(response)
    this.#options.ends.refuse(visit, this.decision, { ...this.ending, ...refused, bytesIn: this.#body.bytes })
    takeOver(response)
    this.onOver()
  }

  /** The rest of the request is not well formed. */
  breakOff(): boolean {
    if (this.#isOver || this.visit.request.complete) return false
    this.refuse({ reason: 'field_invalid' })
    return true
  }

  abandon(): void {
    this.#conclude(undefined)
  }

  #conclude(reason: Reason | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    const { response } = this.visit
    const isWhole = response.writableFinished || reason !== undefined
    this.#options.ends.tell(this.visit, this.decision, isWhole ? response.statusCode : clientGoneStatus, {
      ...this.ending,
      reason,
      bytesIn: this.#body.bytes,
      bytesOut: Number(response.getHeader('content-length') ?? 0),
    })
    this.onOver()
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AnswerHead } from './attempt.ts'
import type { Outcome } from './outcome.ts'
import type { RepeatableRequest } from './retry.ts'

export interface ExchangeOptions {
  /**
   * Longest wait for the head of the answer, counted from the last octet of the request that went out, and longest wait
   * for a connection before that.
   */
  readonly headersTimeoutMs: number
  /** Longest pause within the body of either direction. */
  readonly bodyTimeoutMs: number
  readonly maxBodyBytes: number | null
}

/** A request as it goes out. */
export interface UpstreamRequest extends RepeatableRequest {
  readonly path: string
  /** Name, value … */
  readonly headers: string[]
}

/** What passes between one client and the upstream. */
export interface ExchangeParties {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Fields to put on the upstream's answer: name, value … Asked for when the answer comes. */
  readonly responseFields: () => readonly string[]
  /** Told once, when nothing more will happen. */
  readonly onEnd: (outcome: Outcome) => void
}

/** What is told of an exchange as a whole, however many clients wait for its answer. */
export interface ExchangeEvents {
  /** Asked before the request is sent a second time, where the upstream may have counted the first one. */
  mayRepeat(): boolean
  /** The final answer has begun. */
  onAnswer(head: AnswerHead): void
  /** Nothing more will happen. @param isSent whether anything of the request was written, the last time it was tried */
  onOver(isSent: boolean): void
}

export const noExchangeEvents: ExchangeEvents = { mayRepeat: () => true, onAnswer() {}, onOver() {} }

import type { IncomingMessage } from 'node:http'

/** A call to the admin listener, its body read when the route takes one. */
export interface AdminCall {
  readonly request: IncomingMessage
  /** The parsed JSON body; undefined for routes that take none. */
  readonly body: unknown
}

/** What an admin route answers. */
export interface AdminAnswer {
  readonly status: number
  /** Sent as JSON; undefined: nothing. */
  readonly body?: object
  /** Sent as it is, in place of a body. */
  readonly text?: AdminText
  /** Fields besides those of every answer, or in place of them. Default: none. */
  readonly fields?: Readonly<Record<string, string>>
}

/** An answer that is no JSON. */
export interface AdminText {
  readonly contentType: string
  readonly text: string
}

export interface AdminRoute {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Whether it changes something, and so needs the admin token. */
  readonly isProtected: boolean
  readonly answer: (call: AdminCall) => AdminAnswer | Promise<AdminAnswer>
}

/** An answer that says no: code and sentence in the same envelope that the gateway uses everywhere. */
export class AdminRefusal extends Error {
  readonly status: number
  readonly code: string
  /** After how many seconds it is worth asking again; 0 where time does not help. */
  readonly retryAfterSec: number

  constructor(status: number, code: string, message: string, retryAfterSec = 0) {
    super(message)
    this.status = status
    this.code = code
    this.retryAfterSec = retryAfterSec
  }
}

export function invalidInput(message: string): AdminRefusal {
  return new AdminRefusal(400, 'invalid_input_data', message)
}

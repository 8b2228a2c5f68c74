import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendContinue } from '../forwarding/expectation.ts'
import { hasBody } from '../forwarding/request-body.ts'
import type { UnderWay } from './connection.ts'

/** Why a body could not be had whole. */
export type BodyFault = 'too_large' | 'malformed' | 'gone'

export interface SmallBodyOptions {
  /** Most octets. */
  readonly maxBytes: number
  /** How long its client may take to send it, in milliseconds. */
  readonly timeoutMs: number
}

/** Reads a body that the gateway itself is asked to understand, to its end. */
export class SmallBody implements UnderWay {
  /** The body, or why there is none. Never rejects. */
  readonly whole: Promise<Buffer | BodyFault>
  readonly #request: IncomingMessage
  #settle: (outcome: Buffer | BodyFault) => void = () => {}

  constructor(request: IncomingMessage, response: ServerResponse, { maxBytes, timeoutMs }: SmallBodyOptions) {
    this.#request = request
    this.whole = new Promise(resolve => {
      this.#settle = resolve
    })
    if (!hasBody(request)) this.#settle(Buffer.alloc(0))
    else if (Number(request.headers['content-length'] ?? 0) > maxBytes) this.#settle('too_large')
    else this.#read(request, response, { maxBytes, timeoutMs })
  }

  /** The rest of it turned out not to be well formed, unless it was whole and the fault is in what came after it. */
  breakOff(): boolean {
    if (this.#request.complete) return false
    this.#settle('malformed')
    return true
  }

  abandon(): void {
    this.#settle('gone')
  }

  #read(request: IncomingMessage, response: ServerResponse, { maxBytes, timeoutMs }: SmallBodyOptions): void {
    const chunks: Buffer[] = []
    let octets = 0
    const take = (chunk: Buffer): void => {
      octets += chunk.length
      if (octets <= maxBytes) chunks.push(chunk)
      else this.#settle('too_large')
    }
    const timer = setTimeout(() => response.destroy(), timeoutMs)
    request.on('data', take)
    request.once('end', () => this.#settle(Buffer.concat(chunks)))
    request.once('close', () => this.#settle('gone'))
    void this.whole.then(() => {
      clearTimeout(timer)
      request.off('data', take)
    })
    sendContinue(request, response)
  }
}

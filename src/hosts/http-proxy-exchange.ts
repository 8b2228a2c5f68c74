import { type ClientRequest, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { AnswerSample } from '../forwarding/answer-sample.ts'
import { AnswerInvalid, codeOf, faultOf } from '../forwarding/faults.ts'
import { responseFields } from '../forwarding/response-fields.ts'
import { edgeDenials } from '../gate/reasons.ts'
import type { GuardParts } from './guard-options.ts'
import type { GuardPassage } from './guard-passage.ts'

const text = /^[\t\x20-\x7e\x80-\xff]*$/

const brokenOff: Error = Object.assign(new Error('the answer broke off'), { code: 'ECONNRESET' })

/** One allowed request and the exchange that http-proxy makes of it. */
export class ProxyExchange {
  readonly #passage: GuardPassage
  readonly #onUnauthorized: GuardParts['onUnauthorized']
  readonly #startedAt = performance.now()
  #upstream: ClientRequest | undefined
  #isLate = false
  /** Names of the fields that http-proxy copies to the answer. */
  #copied: readonly string[] = []

  constructor(passage: GuardPassage, onUnauthorized: GuardParts['onUnauthorized']) {
    this.#passage = passage
    this.#onUnauthorized = onUnauthorized
    // http-proxy waits for an event that Node no longer tells, and would keep the connection to the upstream.
    passage.onOver = () => {
      if (!passage.visit.response.writableFinished) this.#upstream?.destroy()
    }
  }

  /** The request is about to go out. */
  begin(upstream: ClientRequest): void {
    const { visit } = this.#passage
    this.#upstream = upstream
    upstream.once('timeout', () => {
      this.#isLate = true
    })
    // An upgrade that nobody asked for: Node would close it and tell nobody.
    upstream.once('upgrade', (_answer: IncomingMessage, socket: Socket) => {
      socket.destroy()
      this.fail(new AnswerInvalid())
    })
    if (visit.response.destroyed || visit.response.headersSent) upstream.destroy()
    else if (upstream.path !== visit.head.target || upstream.method !== visit.request.method) {
      upstream.destroy()
      this.#passage.refuse({ reason: 'internal_fault' })
    }
  }

  /** The upstream answers: what http-proxy is about to copy is made fit for the client. */
  answer(upstream: IncomingMessage): void {
    const { visit, decision } = this.#passage
    const { statusCode: status = 0 } = upstream
    this.#passage.ending = { upstreamMs: performance.now() - this.#startedAt, upstreamStatus: status }
    // Half an answer is not left hanging, and does not look whole.
    upstream.once('close', () => {
      if (!upstream.complete) this.fail(brokenOff)
    })
    const own = [...decision.responseFields, 'x-request-id', visit.head.ids.requestId]
    const { fields, isJson, isFramed } = responseFields(upstream.rawHeaders, own)
    const denial = isJson ? undefined : edgeDenials[status]
    if (denial || !isFramed || !isWritable(upstream)) {
      this.#passage.refuse({ reason: 'upstream_invalid', ...(denial && { denial }) })
      upstream.resume()
      return
    }
    leaveForCopying(upstream, namesOf(fields.slice(0, -own.length)), visit.response)
    this.#copied = Object.keys(upstream.headers)
    if (status === 401) this.#sample(upstream)
  }

  /** The exchange came to nothing. */
  fail(error: unknown): void {
    const { response } = this.#passage.visit
    const reason = this.#isLate ? 'upstream_timeout' : faultOf(error, this.#upstream?.socket?.connecting ?? true)
    if (!response.headersSent) for (const name of this.#copied) response.removeHeader(name)
    this.#passage.refuse({ reason, errorCode: codeOf(error) })
  }

  /** Forage refuses tokens that it has ended: they are to be known here. */
  #sample(upstream: IncomingMessage): void {
    const sample = new AnswerSample()
    upstream.on('data', (chunk: Buffer) => sample.add(chunk))
    const { decision, visit } = this.#passage
    upstream.once('end', () => this.#onUnauthorized(decision, sample.text(), visit.head.clientAddress))
  }
}

function namesOf(fields: readonly string[]): ReadonlySet<string> {
  return new Set(fields.filter((_, index) => index % 2 === 0).map(name => name.toLowerCase()))
}

/** Takes away whatever does not travel on. `Vary` is a list: ours is added to the upstream's. */
function leaveForCopying({ headers }: IncomingMessage, names: ReadonlySet<string>, response: ServerResponse): void {
  for (const name of Object.keys(headers)) if (!names.has(name)) delete headers[name]
  const vary = response.getHeader('vary')
  if (headers.vary !== undefined && vary !== undefined) headers.vary = `${headers.vary}, ${vary}`
  headers.connection = response.shouldKeepAlive ? 'keep-alive' : 'close'
}

/** Node throws where it is to write what is no text, or no status: in the midst of http-proxy, that ends the process. */
function isWritable(upstream: IncomingMessage): boolean {
  const { statusMessage = '', statusCode = 0, headers } = upstream
  if (!text.test(statusMessage)) upstream.statusMessage = STATUS_CODES[statusCode] ?? ''
  return statusCode >= 200 && Object.values(headers).every(value => [value].flat().every(each => text.test(each ?? '')))
}

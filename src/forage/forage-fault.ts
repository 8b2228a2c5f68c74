import { type ErrorAnswer, plainCode, readErrorAnswer } from './error-answer.ts'
import { rejectsToken } from './token-rejections.ts'

/** What can become of a request of our own to Forage. Closed: logs, metrics and refusals are made from it. */
export type ForageFaultKind =
  // No connection, or one that broke.
  | 'unreachable'
  | 'timeout'
  // 429.
  | 'throttled'
  // The client id and secret, or the authentication token, that were sent (401, 403).
  | 'credentials_refused'
  // The merchant account that was sent: the authentication token was good.
  | 'merchant_refused'
  // The client holds as many live authentication tokens as it may.
  | 'token_limit'
  // Anything that is no answer to what was asked: 5xx, a page of a load balancer, garbage, too much of it.
  | 'invalid_answer'

/** A request to Forage that came to nothing. Holds nothing that was sent, and of the answer no text but a plain word. */
export interface ForageFault {
  readonly fault: ForageFaultKind
  /** Whether Forage may have done what was asked, although it did not say so. */
  readonly mayHaveTakenEffect: boolean
  /** With `throttled`: whole seconds, at least 1, at most an hour. */
  readonly retryAfterSec?: number
  /** Status of the answer, where there was one. */
  readonly status?: number
  /** Code of the error in the answer, where it is a plain word such as `forbidden`. */
  readonly upstreamCode?: string
  /** Error code of Node or undici, where there was no answer. */
  readonly code?: string
  /** With `credentials_refused`: the answer says of the very token that was sent that it is no good. */
  readonly isTokenRefused?: true
}

export function isForageFault<T extends object>(outcome: T | ForageFault): outcome is ForageFault {
  return 'fault' in outcome
}

/** The fault of an answer that has the status of a success and is none. */
export function invalidAnswer(status: number): ForageFault {
  return { fault: 'invalid_answer', mayHaveTakenEffect: true, status }
}

/**
 * Reads an answer that is no success. Its text is only compared with what is known, and goes nowhere but for its code.
 *
 * @param retryAfter value of the `Retry-After` field
 */
export function faultOfAnswer(status: number, text: string, retryAfter: string | undefined): ForageFault {
  const answer = readErrorAnswer(text)
  const upstreamCode = plainCode(answer.code)
  const isRefusal = status >= 400 && status < 500
  const facts = { mayHaveTakenEffect: !isRefusal, status, ...(upstreamCode && { upstreamCode }) }
  if (status === 429) return { fault: 'throttled', ...facts, retryAfterSec: readRetryAfter(retryAfter) }
  if (!isRefusal) return { fault: 'invalid_answer', ...facts }
  if (status === 401) {
    return { fault: 'credentials_refused', ...facts, ...(rejectsToken(text) && { isTokenRefused: true }) }
  }
  if (saysTokenLimit(answer)) return { fault: 'token_limit', ...facts }
  if (merchantResource.test(answer.resource)) return { fault: 'merchant_refused', ...facts }
  const refusesClient = status === 403 || (status === 400 && saysInvalidClient(answer))
  return { fault: refusesClient ? 'credentials_refused' : 'invalid_answer', ...facts }
}

/** What Forage calls a merchant that does not belong to the client, and the field that names it. */
const merchantResource = /^Merchants?(?:_Account(?:_Header)?)?$/i

/** Codes of errors that only an attempt to connect ends with; each also has the name of the call that failed. */
const connectCalls: ReadonlySet<unknown> = new Set(['connect', 'getaddrinfo'])

/** OpenSSL's certificate checks have no common prefix (`node:tls` lists them). The handshake comes before the request. */
const handshakeFault = /^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/

const timeoutCode = /^(?:ETIMEDOUT|UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT)$/
const invalidCode = /^(?:HPE_|UND_ERR_(?:HEADERS_OVERFLOW|RES_|INVALID_)|ERR_ASSERTION)/

/** Names the fault behind an error of undici or Node. */
export function faultOfError(error: unknown): ForageFault {
  const { name, code: someCode, syscall, errors } = (error ?? {}) as Readonly<Record<string, unknown>>
  const code = typeof someCode === 'string' ? someCode : ''
  const inner = Array.isArray(errors) ? (errors[0] as { syscall?: unknown } | undefined)?.syscall : undefined
  const isUnsent = connectCalls.has(syscall ?? inner) || code === 'UND_ERR_CONNECT_TIMEOUT' || handshakeFault.test(code)
  const facts = { mayHaveTakenEffect: !isUnsent, ...(code !== '' && { code }) }
  if (name === 'TimeoutError' || timeoutCode.test(code)) return { fault: 'timeout', ...facts }
  if (name === 'HTTPParserError' || invalidCode.test(code)) return { fault: 'invalid_answer', ...facts }
  return { fault: 'unreachable', ...facts }
}

const longestWaitSec = 3600

/** Seconds, or a date (RFC 9110 §10.2.3), which would need a clock that agrees with Forage's: then, and by default, 1. */
function readRetryAfter(value: string | undefined): number {
  const seconds = value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : 1
  return Math.min(Math.max(1, seconds), longestWaitSec)
}

/** RFC 6749 §5.2 lets a server answer 400 for a client it does not know. */
function saysInvalidClient({ code }: ErrorAnswer): boolean {
  return code === 'invalid_client' || code === 'unauthorized_client'
}

/**
 * Forage documents the cap of 1000 live tokens and not how it is answered: whatever refusal names tokens together with
 * the number, or with their being too many, is taken for it.
 */
function saysTokenLimit({ words }: ErrorAnswer): boolean {
  return /\btokens?\b/i.test(words) && /\b1,?000\b|too many|maximum number|limit/i.test(words)
}

import type { Reason } from '../gate/reasons.ts'

/** Reasons why an exchange with the upstream came to nothing. */
export type UpstreamFault = Extract<
  Reason,
  'upstream_unreachable' | 'upstream_reset' | 'upstream_invalid' | 'upstream_timeout' | 'internal_fault'
>

/** The upstream kept silent for too long. */
export class DeadlineExceeded extends Error {
  readonly code = 'ETIMEDOUT'
}

/** The framing of the answer has a part that nobody would undo. */
export class AnswerInvalid extends Error {
  readonly code = 'ERR_FORAGE_ANSWER_INVALID'
}

/** Fault by error code of Node and undici. What is not here is judged by its prefix. */
const faultByCode: ReadonlyMap<string, UpstreamFault> = new Map<string, UpstreamFault>([
  ['ECONNREFUSED', 'upstream_unreachable'],
  ['ENOTFOUND', 'upstream_unreachable'],
  ['EAI_AGAIN', 'upstream_unreachable'],
  ['EAI_FAIL', 'upstream_unreachable'],
  ['EHOSTUNREACH', 'upstream_unreachable'],
  ['ENETUNREACH', 'upstream_unreachable'],
  ['ENETDOWN', 'upstream_unreachable'],
  ['EADDRNOTAVAIL', 'upstream_unreachable'],
  ['EMFILE', 'upstream_unreachable'],
  ['ETIMEDOUT', 'upstream_timeout'],
  ['UND_ERR_CONNECT_TIMEOUT', 'upstream_timeout'],
  ['UND_ERR_HEADERS_TIMEOUT', 'upstream_timeout'],
  ['UND_ERR_BODY_TIMEOUT', 'upstream_timeout'],
  ['ECONNRESET', 'upstream_reset'],
  ['ECONNABORTED', 'upstream_reset'],
  ['EPIPE', 'upstream_reset'],
  ['UND_ERR_SOCKET', 'upstream_reset'],
  ['UND_ERR_CLOSED', 'upstream_reset'],
  ['UND_ERR_DESTROYED', 'upstream_reset'],
  ['UND_ERR_INFO', 'upstream_reset'],
  ['UND_ERR_HEADERS_OVERFLOW', 'upstream_invalid'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'upstream_invalid'],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'upstream_invalid'],
  ['UND_ERR_ABORTED', 'upstream_reset'],
  ['ERR_FORAGE_ANSWER_INVALID', 'upstream_invalid'],
  // undici asserts what only an upstream can break: a status below 100, a switch of protocols that nobody asked for.
  ['ERR_ASSERTION', 'upstream_invalid'],
  // Node refuses to write on what the upstream sent.
  ['ERR_INVALID_CHAR', 'upstream_invalid'],
  ['ERR_INVALID_HTTP_TOKEN', 'upstream_invalid'],
  ['ERR_HTTP_INVALID_HEADER_VALUE', 'upstream_invalid'],
  ['ERR_HTTP_INVALID_STATUS_CODE', 'upstream_invalid'],
])

/** Codes of OpenSSL's certificate checks have no common prefix (`node:tls` lists them). */
const certificateFault = /^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/

/**
 * Names the fault behind an error. The one place where upstream errors are told apart.
 *
 * @param isUnsent whether there was no connection yet: whatever is not known then kept us from getting one
 */
export function faultOf(error: unknown, isUnsent = false): UpstreamFault {
  const code = codeOf(error)
  const known = faultByCode.get(code)
  if (known) return known
  if (isUnsent && isConnectFault(code)) return 'upstream_unreachable'
  if (certificateFault.test(code)) return 'upstream_unreachable'
  return code.startsWith('HPE_') || isParseError(error) ? 'upstream_invalid' : 'internal_fault'
}

/** What undici refuses itself has a code of its own, or none. */
function isConnectFault(code: string): boolean {
  return code !== '' && !code.startsWith('UND_ERR_')
}

/** Most parse errors of undici 7 have no code, only a name. */
function isParseError(error: unknown): boolean {
  return error instanceof Error && error.name === 'HTTPParserError'
}

/** The error code that a person can look up; `''` when there is none. Messages may hold addresses and are not logged. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

import type { Issue } from '../gate/decision.ts'
import { type Denial, denials, type Reason } from '../gate/reasons.ts'
import { clientGoneStatus } from '../observability/request-story.ts'
import { connectionOf } from './connection.ts'
import { SmallBody } from './small-body.ts'
import type { Visit, VisitEnds } from './visit.ts'

/** A caller's wish for a session token. */
export interface IssueCall {
  /** The text after `Bearer `. */
  readonly credentials: string
  readonly contentType: string | undefined
  readonly body: Uint8Array
  readonly clientAddress: string
}

/** What is known of a call, for the log. */
interface IssueFacts {
  readonly useCase?: string | undefined
  /** Keyed digest of the merchant's customer. */
  readonly customer?: string | undefined
}

export interface IssuedToken extends IssueFacts {
  readonly token: string
  /** Seconds since the epoch. */
  readonly expiresAt: number
}

export interface IssueRefused extends IssueFacts {
  readonly reason: Reason
  readonly retryAfterSec?: number | undefined
  /** Error code of the platform behind a fault on the way to Forage. */
  readonly errorCode?: string
  /** What the client is told. Default: the sentence of the reason. */
  readonly message?: string
}

/** Finds out who calls, and obtains the token. */
export type IssueSessionToken = (call: IssueCall) => Promise<IssuedToken | IssueRefused>

/** Longest body of a call, in octets: it names a use case, or nothing. */
const maxBodyBytes = 4096

/** Answers `POST /session_token`. */
export function createIssueVisits(
  issueSessionToken: IssueSessionToken,
  ends: VisitEnds,
  timeoutMs: number,
): (visit: Visit, decision: Issue) => Promise<void> {
  return async (visit, decision) => {
    const { request, response } = visit
    const reading = new SmallBody(request, response, { maxBytes: maxBodyBytes, timeoutMs })
    connectionOf(request.socket).owed.await(response, reading)
    const body = await reading.whole
    if (body === 'too_large') return ends.refuse(visit, decision, { reason: 'body_too_large' })
    if (body === 'malformed') return ends.refuse(visit, decision, { reason: 'field_invalid' })
    if (body === 'gone') return ends.tell(visit, decision, clientGoneStatus)
    const result = await issueSessionToken({
      credentials: decision.credentials,
      contentType: request.headers['content-type'],
      body,
      clientAddress: visit.head.clientAddress,
    })
    const bytesIn = body.length
    // It went away while the token was obtained: nobody will use it.
    if (response.destroyed) ends.tell(visit, decision, clientGoneStatus, { ...result, bytesIn })
    else if ('reason' in result) ends.refuse(visit, decision, { ...result, denial: denialOf(result), bytesIn })
    else answerToken(visit, decision, { ...result, bytesIn }, ends)
  }
}

function denialOf({ reason, message }: IssueRefused): Denial {
  const denial = denials[reason]
  return message === undefined ? denial : { ...denial, message }
}

function answerToken(
  visit: Visit,
  decision: Issue,
  { token, expiresAt, ...facts }: IssuedToken & { readonly bytesIn: number },
  ends: VisitEnds,
): void {
  const body = JSON.stringify({ token, expires_at: new Date(expiresAt * 1000).toISOString() })
  const fields = ['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(body))]
  ends.answerOwn(visit, decision, { ...facts, status: 200, fields: [...fields, 'Cache-Control', 'no-store'], body })
}

import type { IncomingMessage } from 'node:http'
import { requestFields } from '../forwarding/request-fields.ts'
import type { Allowed } from '../gate/decision.ts'
import type { Session } from '../session/session.ts'

/** What the guard found out about a request that it let through: `request.forage`. Never holds the token's text. */
export interface GuardedRequest {
  readonly session: Session
  /** Scope of the policy that the request used. */
  readonly scope: string
  /** Route of the policy, such as `GET` and `/api/orders/{ref}/`. */
  readonly route: { readonly method: string; readonly template: string }
  /** As in `X-Request-Id`, the log and the answer. */
  readonly requestId: string
  /** 32 lower-case hex digits. */
  readonly traceId: string
  /** Without port; of a client behind trusted proxies, its own. */
  readonly clientAddress: string
}

declare module 'http' {
  interface IncomingMessage {
    /** There once a guard has let the request through. */
    forage?: GuardedRequest
  }
}

/**
 * Makes a request what the decision says it is, for whoever stands behind: the lines as received and the fields by name
 * agree, what a client may not claim is gone, and what the guard sets is there once.
 *
 * @param kept names in lower case that stay although they would not travel to another host
 */
export function applyDecision(request: IncomingMessage, decision: Allowed, kept: ReadonlySet<string>): void {
  // Node derives these from the lines, and counts on their number: derived first, changed after.
  const { headers, headersDistinct, rawHeaders } = request
  const removeFields = decision.removeFields.filter(name => !kept.has(name))
  for (const name of removeFields) {
    delete headers[name]
    delete headersDistinct[name]
  }
  const { setFields } = decision
  request.rawHeaders = requestFields(rawHeaders, { removeFields, setFields })
  for (let index = 0; index < setFields.length; index += 2) {
    const name = (setFields[index] as string).toLowerCase()
    const value = setFields[index + 1] as string
    headers[name] = value
    headersDistinct[name] = [value]
  }
}

/** Node has told the client to go on: nobody behind it is to do so again. */
export function forgetExpectation({ headers, headersDistinct }: IncomingMessage): void {
  if (headers.expect === undefined) return
  delete headersDistinct.expect
  delete headers.expect
}

import type { Allowed, Preflight } from '../gate/decision.ts'
import type { Reason } from '../gate/reasons.ts'
import { removedRequestFields } from '../gate/removed-fields.ts'
import type { RequestHead } from '../gate/request-head.ts'
import type { Front } from './forward-auth-front.ts'
import type { Refusal } from './refusal.ts'

/** How a decision is told to a front. */
export interface FrontAnswers {
  /** Whether the front can keep from the upstream all that has to stop here. */
  canRemove(decision: Allowed): boolean
  allow(head: RequestHead, decision: Allowed): Refusal
  deny(refusal: Refusal, reason: Reason): Refusal
  preflight(requestId: string, decision: Preflight): Refusal
}

export function answersFor(front: Front): FrontAnswers {
  const preflight = front === 'envoy' ? preflightAsItIs : preflightAsDenial
  const isEnvoy = front === 'envoy'
  return {
    canRemove: ({ removeFields }) => isEnvoy || removeFields.every(isAlwaysRemoved),
    // Exactly 200: Envoy takes any other 2xx for a denial.
    allow: (head, decision) => empty(200, allowFields(head, decision, isEnvoy)),
    deny: front === 'nginx' ? denyByFields : refusal => refusal,
    preflight,
  }
}

/** What the other fronts remove is a list; a client's `Connection` can name any field. */
function isAlwaysRemoved(name: string): boolean {
  return name === 'tracestate' || removedRequestFields.has(name)
}

/** Answer fields of the decision that a front may put on the upstream's answer. */
const answerNames = ['Access-Control-Allow-Origin', 'Access-Control-Expose-Headers', 'Vary']

/**
 * What the front has to set on the request, and on its answer. Always all of them: where one is left out, Caddy lets the
 * client's own field through (GHSA-7r4p-vjf4-gxv4), or writes a placeholder.
 */
function allowFields(
  head: RequestHead,
  { setFields, removeFields, responseFields }: Allowed,
  isEnvoy: boolean,
): string[] {
  const fields = [...setFields, 'tracestate', removeFields.includes('tracestate') ? '' : linesOf(head, 'tracestate')]
  for (const name of answerNames) fields.push(name, firstOf(responseFields, name))
  // The other fronts have a list of their own.
  if (isEnvoy)
    fields.push('x-envoy-auth-headers-to-remove', removeFields.filter(name => !notRemovable.includes(name)).join(','))
  return fields
}

/** What Envoy sets from this answer, and what is of the connection only, which Envoy frames anew. */
const notRemovable = ['host', 'x-request-id', 'traceparent', 'connection', 'transfer-encoding']

/** All lines of a field as one (RFC 9110 §5.3). */
function linesOf({ fields }: RequestHead, lowerName: string): string {
  const values = fields.filter((_, index) => index % 2 === 1 && fields[index - 1]?.toLowerCase() === lowerName)
  return values.join(',')
}

function firstOf(fields: readonly string[], name: string): string {
  const index = fields.indexOf(name)
  return index < 0 ? '' : (fields[index + 1] as string)
}

/**
 * nginx knows 401 and 403 only, and drops the body: the real answer is in fields, from which its configuration makes it
 * again.
 */
function denyByFields({ status, fields, body }: Refusal, reason: Reason): Refusal {
  const kept = fields.filter((_, index) => !/^content-/i.test(fields[index - (index % 2)] as string))
  return empty(403, [
    'X-Forage-Status',
    String(status),
    'X-Forage-Reason',
    reason,
    'X-Forage-Body',
    ascii(body),
    ...kept,
  ])
}

/** JSON that may stand in a field: control characters are escaped already, the others beyond ASCII here. */
function ascii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function preflightAsItIs(requestId: string, { responseFields }: Preflight): Refusal {
  return { status: 204, fields: [...responseFields, 'x-request-id', requestId], body: '' }
}

/** To these fronts, any 2xx means that the request may be forwarded. Their configuration turns this into 204. */
function preflightAsDenial(requestId: string, decision: Preflight): Refusal {
  const { fields } = preflightAsItIs(requestId, decision)
  return empty(403, ['X-Forage-Status', '204', ...fields])
}

function empty(status: number, fields: readonly string[]): Refusal {
  return { status, fields: [...fields, 'Content-Length', '0'], body: '' }
}

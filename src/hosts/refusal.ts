import { errorEnvelope } from '../forage/error-envelope.ts'
import { envelopePath } from '../gate/envelope-path.ts'
import type { Denial } from '../gate/reasons.ts'

/** An answer of the gateway's own, ready to be written by any host. */
export interface Refusal {
  readonly status: number
  /** Name, value … */
  readonly fields: string[]
  readonly body: string
}

const realm = 'Bearer realm="forage"'

/** What the answer to a refused request is made of. */
export interface RefusedRequest {
  readonly target: string
  readonly requestId: string
  /** Fields of the decision (CORS): name, value … */
  readonly responseFields: readonly string[]
  /** After how many seconds it is worth asking again. Default: the least that is ever said, 1. */
  readonly retryAfterSec?: number
}

/** Turns a denial into its answer: the envelope, the challenge where there is one, and `Retry-After` on 429 and 503. */
export function refusal(denial: Denial, request: RefusedRequest): Refusal {
  const { target, requestId, responseFields, retryAfterSec = 0 } = request
  const body = errorEnvelope(envelopePath(target), denial)
  const fields = [
    'Content-Type',
    'application/json',
    'Content-Length',
    String(Buffer.byteLength(body)),
    'Cache-Control',
    'no-store',
    'x-request-id',
    requestId,
    ...responseFields,
  ]
  if (denial.challenge !== undefined) fields.push('WWW-Authenticate', challenge(denial.challenge))
  // Never 0: a mobile HTTP client repeats a POST at once on that.
  if (denial.status === 429 || denial.status === 503) fields.push('Retry-After', String(retryAfter(retryAfterSec)))
  return { status: denial.status, fields, body }
}

/** Whole seconds (RFC 9110 §10.2.3), never before it is worth it. */
function retryAfter(seconds: number): number {
  return Math.max(1, Math.ceil(seconds))
}

/** RFC 6750 §3: no `error` attribute when no credentials came. */
function challenge(error: NonNullable<Denial['challenge']>): string {
  return error === '' ? realm : `${realm}, error="${error}"`
}

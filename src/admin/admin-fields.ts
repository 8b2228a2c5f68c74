import type { AdminAnswer, AdminRefusal } from './admin-call.ts'

/**
 * Fields of every answer: nothing is kept by anybody, and no page can frame it, load it or take it for something else. The
 * console's page has a policy of its own in place of this one.
 */
const common = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/** The octets of an answer as text, and its fields. */
export interface WrittenAnswer {
  readonly text: string
  readonly fields: Readonly<Record<string, string | number>>
}

export function writtenAnswer({ body, text, fields }: AdminAnswer): WrittenAnswer {
  const octets = text?.text ?? (body === undefined ? '' : `${JSON.stringify(body)}\n`)
  return { text: octets, fields: { ...fieldsOf(octets, text?.contentType), ...fields } }
}

/** @param text the envelope */
export function refusalFields(text: string, { status, retryAfterSec }: AdminRefusal): WrittenAnswer['fields'] {
  return {
    ...fieldsOf(text),
    ...(status === 401 && { 'WWW-Authenticate': 'Bearer realm="forage-gateway admin"' }),
    ...(retryAfterSec > 0 && { 'Retry-After': retryAfterSec }),
    // The rest of a body that was not read must not be taken for a next call.
    Connection: 'close',
  }
}

function fieldsOf(text: string, contentType = 'application/json') {
  return { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(text), ...common }
}

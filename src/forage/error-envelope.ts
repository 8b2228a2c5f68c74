/** What an error is about, in Forage's words; `Gateway` is ours. */
export type ErrorResource = 'Session_Token' | 'Access_Token' | 'Gateway'

export interface EnvelopeError {
  /** Stable, machine readable, snake_case. */
  readonly code: string
  /** One sentence for the developer who reads it. Never holds a part of the request but its path. */
  readonly message: string
  readonly resource: ErrorResource | (string & {})
}

/**
 * The body of an error answer, in the one shape that every released Forage SDK can read: exactly one error, a string
 * `path`, and a `source` whose `ref` is the empty string. An empty `errors` or a `null` ref crashes some of them.
 *
 * @param path the request path without its query
 */
export function errorEnvelope(path: string, error: EnvelopeError): string {
  return `{"path":${JSON.stringify(path)},"errors":${errorsOf(error)}}`
}

/** There are few errors, and each is told again and again. */
const known = new WeakMap<EnvelopeError, string>()

function errorsOf(error: EnvelopeError): string {
  const seen = known.get(error)
  if (seen !== undefined) return seen
  const { code, message, resource } = error
  const text = JSON.stringify([{ code, message, source: { resource, ref: '' } }])
  known.set(error, text)
  return text
}

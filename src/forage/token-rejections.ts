/** Codes by which Forage says that a token itself is no good. Any other 401 is about something else. */
const rejections: ReadonlySet<string> = new Set([
  'invalid_token',
  'expired_session_token',
  'bad_signature',
  'expired_token_signature',
])

/**
 * Whether the body of a 401 answer refuses the token that was sent: the error envelope, with one of these codes as its
 * first.
 */
export function rejectsToken(body: string): boolean {
  try {
    const { errors } = JSON.parse(body) as { errors?: readonly { code?: unknown }[] }
    const code = Array.isArray(errors) ? errors[0]?.code : undefined
    return typeof code === 'string' && rejections.has(code)
  } catch {
    return false
  }
}

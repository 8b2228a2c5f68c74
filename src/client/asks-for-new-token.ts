/** Codes of the gateway and of Forage that a new session token cures. */
const curable: ReadonlySet<unknown> = new Set([
  'unauthorized',
  'invalid_token',
  'expired_session_token',
  'bad_signature',
  'expired_token_signature',
])

/**
 * Whether an answer asks for a new session token: a 401, unless its error envelope names another trouble. A 401 without
 * an envelope counts too: the answer to HEAD has no body. The answer itself stays unread, for the caller.
 */
export async function asksForNewToken(answer: Response): Promise<boolean> {
  if (answer.status !== 401) return false
  const code = codeOf(
    await answer
      .clone()
      .text()
      .catch(() => ''),
  )
  return code === undefined || curable.has(code)
}

function codeOf(body: string): unknown {
  try {
    return JSON.parse(body).errors[0].code
  } catch {
    return undefined
  }
}

/** Issuing of session tokens, as far as the gate has a say in it. */
export interface IssueRules {
  /** The merchant whose tokens are issued: no caller can choose another one. */
  readonly merchantAccount: string
}

/**
 * Whether a request asks for a session token: `POST /session_token`, with a final slash or without, and nothing after it.
 * This is no route of Forage, whose own endpoint of that name lies under `/api/`.
 */
export function isIssueTarget(method: string, target: string): boolean {
  return method === 'POST' && (target === '/session_token' || target === '/session_token/')
}

import { asksForNewToken } from './asks-for-new-token.ts'
import { createGatewayOrigin } from './gateway-origin.ts'
import { createKeySource } from './idempotency-key.ts'
import { type KeptRequest, keepRequest } from './kept-request.ts'
import { checkOptions, type SessionFetchOptions } from './session-fetch-options.ts'
import { createSessionTokens, type SessionTokens } from './session-tokens.ts'
import { unlessAborted } from './unless-aborted.ts'

export type { SessionFetchOptions } from './session-fetch-options.ts'
export type { IssuedSessionToken } from './session-tokens.ts'

/**
 * Makes a `fetch` for apps that call the gateway.
 *
 * Requests to the gateway get `Authorization: Bearer <session token>`, and a POST without one an `Idempotency-Key`. On
 * a 401 that a new token cures, all requests that wait share one call of `getSessionToken`, and each is sent once more,
 * with the same body and key. Whatever comes then is the answer; where the body is a stream, the 401 is. Requests to
 * other origins never carry a token.
 *
 * The fetch that it returns rejects as the platform's does, and also: with whatever `getSessionToken` threw; with
 * `TypeError` on a redirect, and for a URL that does not say which origin it means.
 *
 * @throws TypeError for wrong options, all problems in one message; and where there is neither `randomKey` nor a
 * platform that makes random values
 * @example
 * const payments = createSessionFetch({ baseUrl: 'https://pay.shop.example', getSessionToken })
 * const order = await payments('/api/orders/9kx72hbd31/')
 */
export function createSessionFetch(options: SessionFetchOptions): typeof fetch {
  checkOptions(options)
  const gateway = createGatewayOrigin(options.baseUrl)
  const tokens = createSessionTokens(options)
  const newKey = options.randomKey ?? createKeySource()
  // Looked up at each request: monitoring tools replace the global one, some of them late. Never called as a method of
  // ours, which browsers refuse as an illegal invocation.
  const send: typeof fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))

  return async (input, init) => {
    const target = gateway.locate(input)
    // No `await` before this: the caller may change what it gave as soon as it has its promise.
    return target === undefined
      ? send(input, init)
      : exchange(keepRequest({ target, input, init, newKey, send }), tokens)
  }
}

/** One request, and at most one replay. */
async function exchange(request: KeptRequest, tokens: SessionTokens): Promise<Response> {
  const { signal } = request
  const first = await unlessAborted(signal, () => tokens.current())
  const answer = await request.send(first.token)
  if (!(await asksForNewToken(answer))) return answer
  tokens.discard(first)
  if (!request.isReplayable) return answer
  const second = await unlessAborted(signal, () => tokens.current())
  return request.send(second.token)
}

import { type FetchInput, isRequest } from './gateway-origin.ts'
import { keepBody } from './kept-body.ts'

/** A request of the app, kept so that it can be sent again as it was. */
export interface KeptRequest {
  /** False where the body is a stream: it can be read once. */
  readonly isReplayable: boolean
  readonly signal: AbortSignal | undefined
  send(token: string): Promise<Response>
}

export interface RequestToKeep {
  /** Absolute URL. */
  readonly target: string
  readonly input: FetchInput
  readonly init: RequestInit | undefined
  /** Makes an `Idempotency-Key`. */
  readonly newKey: () => string
  readonly send: typeof fetch
}

/** Takes a picture of what the caller gave to `fetch`, which it may change from now on. */
export function keepRequest({ target, input, init = {}, newKey, send }: RequestToKeep): KeptRequest {
  // A Request gives its body once; a clone has a body of its own.
  const request = isRequest(input) ? input.clone() : undefined
  const { body, contentType, isReplayable } = keepBody(init.body)
  const fields = new Headers(init.headers ?? request?.headers)
  if (contentType !== undefined && !fields.has('Content-Type')) fields.set('Content-Type', contentType)
  if (isPost(init, request) && !fields.has('Idempotency-Key')) fields.set('Idempotency-Key', newKey())
  const kept = { ...init, redirect: redirectOf(init, request), ...(body == null ? {} : { body }) }

  return {
    isReplayable,
    signal: signalOf(input, init),
    send(token) {
      const headers = new Headers(fields)
      headers.set('Authorization', `Bearer ${token}`)
      return send(request?.clone() ?? target, { ...kept, headers })
    },
  }
}

/** `null` in the second argument takes the signal of a Request away. */
function signalOf(input: FetchInput, init: RequestInit): AbortSignal | undefined {
  const signal = init.signal === undefined && isRequest(input) ? input.signal : init.signal
  return signal ?? undefined
}

function isPost(init: RequestInit, request: Request | undefined): boolean {
  return (init.method ?? request?.method ?? 'GET').toUpperCase() === 'POST'
}

/** The gateway redirects nobody, so whoever does gets neither the token nor the body. */
function redirectOf(init: RequestInit, request: Request | undefined): 'manual' | 'error' {
  return (init.redirect ?? request?.redirect) === 'manual' ? 'manual' : 'error'
}

import type { IncomingMessage } from 'node:http'
import { type Answer, answerJson } from './answer.ts'
import { ApiError, apiError } from './api-error.ts'
import { answerSink, readByteCount } from './bulk.ts'
import type { Call } from './call.ts'
import { identifyCaller } from './caller.ts'
import { checkMerchantAccount, requireMerchantAccount } from './merchant-account.ts'
import { parseBody } from './parse-body.ts'
import { maxBodyBytes, type RequestBody, readRequestBody } from './request-body.ts'
import { fieldValue, type RequestHead } from './request-head.ts'
import type { Route } from './routes.ts'
import type { World } from './world.ts'

/** A request on its way to the handler of its route. */
export interface RoutedRequest {
  readonly head: RequestHead
  readonly request: IncomingMessage
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

/** An answer that is too large to hold. */
export interface Download {
  readonly downloadBytes: number
}

/**
 * Checks credentials, merchant and locks, reads the body, and runs the handler of the route unless the answer for the
 * idempotency key is known.
 *
 * @throws ApiError for every refusal that has the error envelope
 */
export async function answerRoute(world: World, routed: RoutedRequest): Promise<Answer | Download> {
  const { head, request, route } = routed
  const refusal = admit(world, routed)
  if (refusal !== null) return refusal
  const isSink = asksForSink(routed)
  const body = await readRequestBody(request, isSink ? 0 : maxBodyBytes)
  if (isSink) return execute(world, routed, body, null, () => answerSink(body))
  const downloadBytes = readDownloadBytes(routed)
  if (downloadBytes !== null) {
    execute(world, routed, body, null)
    return { downloadBytes }
  }
  const isLocked = Object.values(routed.params).some(ref => world.faults.lockedRefs.has(ref))
  if (isLocked && route.method !== 'GET') throw apiError('resource_locked')
  const key = route.idempotent ? fieldValue(head, 'Idempotency-Key') : undefined
  if (key === undefined || key === '') return execute(world, routed, body, null)
  const keyed = { path: head.path, key, bodySha256: body.sha256 }
  const known = world.idempotency.recall(keyed)
  if (known !== null) return known
  const answer = execute(world, routed, body, key)
  world.idempotency.keep(keyed, answer)
  return answer
}

/** Credentials before everything else, as Django REST does. */
function admit(world: World, { head, route }: RoutedRequest): Answer | null {
  if (route.access === 'client') return null
  if (head.path.startsWith('/proxy/') && fieldValue(head, 'Authorization') === undefined) {
    // The vault answers for itself when there is nothing to relay.
    const description = 'authorization header malformed'
    return answerJson(401, { code: 401, name: 'auth_header_malformed', description })
  }
  const caller = identifyCaller(world, head)
  if (route.access === 'authentication' && caller.kind === 'session') throw apiError('forbidden', 'Session_Token')
  const { merchantAccount } = world.options
  if (route.merchantAccount === 'required') requireMerchantAccount(head, merchantAccount)
  else checkMerchantAccount(head, merchantAccount)
  return null
}

/**
 * `GET /api/orders/{order}/?simulate_bytes=N` is a large download, and `POST /api/payment_methods/?simulate_sink=1` an
 * upload without a limit: for whoever can reach nothing but the routes of session tokens.
 */
function readDownloadBytes({ head, route }: RoutedRequest): number | null {
  const isOrder = route.template === '/api/orders/{order}/' && head.method === 'GET'
  return isOrder ? readByteCount(head.query.get('simulate_bytes') ?? '') : null
}

function asksForSink({ head, route }: RoutedRequest): boolean {
  return route.template === '/api/payment_methods/' && head.query.get('simulate_sink') === '1'
}

function execute(
  world: World,
  routed: RoutedRequest,
  body: RequestBody,
  idempotencyKey: string | null,
  run: () => Answer = () => runHandler(world, routed, body),
): Answer {
  const { method, path } = routed.head
  const record = (status: number): void =>
    world.executions.add({ method, path, idempotencyKey, bodySha256: body.sha256, status })
  try {
    const answer = run()
    record(answer.status)
    return answer
  } catch (error) {
    record(error instanceof ApiError ? error.status : 500)
    throw error
  }
}

function runHandler(world: World, { head, route, params }: RoutedRequest, { bytes }: RequestBody): Answer {
  const parsed = bytes === null ? null : parseBody(bytes, fieldValue(head, 'Content-Type') ?? '')
  // Client endpoints have errors of their own (RFC 6749), and say that of an empty body.
  if (parsed === null && route.access !== 'client') throw apiError('cannot_parse_request_body')
  const call: Call = { world, head, params, body: parsed ?? {} }
  return route.handler(call)
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { answerHtml, sendAnswer } from './answer.ts'
import { ApiError, answerError } from './api-error.ts'
import { type Faults, takeFailure, takeFault } from './faults.ts'
import type { RequestHead } from './request-head.ts'
import { answerThrottled } from './throttled.ts'

/** Names of the pages that a load balancer shows. */
const pageTitles: Readonly<Record<number, string>> = {
  502: '502 Bad Gateway',
  503: '503 Service Temporarily Unavailable',
  504: '504 Gateway Time-out',
}

/**
 * Lets the faults happen that hit a request before it is executed, after the latency that hits every answer.
 *
 * @returns whether the request has been dealt with
 */
export async function failBeforeRouting(
  faults: Faults,
  head: RequestHead,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (takeFault(faults, 'hang')) {
    request.resume()
    return true
  }
  if (takeFault(faults, 'resetNext')) {
    request.socket.resetAndDestroy()
    return true
  }
  if (faults.latencyMs > 0) await wait(faults.latencyMs, response)
  if (takeFault(faults, 'throttle')) {
    sendAnswer(response, answerThrottled(head.path, 1))
    return true
  }
  const failure = takeFailure(faults)
  if (failure === null) return false
  const { status, html } = failure
  const error = new ApiError('server_error', { status, message: 'Injected by the simulator.', resource: '' })
  sendAnswer(response, html ? answerHtml(status, pageTitles[status] ?? String(status)) : answerError(head.path, error))
  return true
}

/** Waits, but not for a client that has gone away. */
async function wait(latencyMs: number, response: ServerResponse): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  await delay(latencyMs, undefined, { signal: gone.signal })
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, answerHtml, sendAnswer, sendHalf } from './answer.ts'
import { ApiError, answerError, apiError } from './api-error.ts'
import { sendBytes } from './bulk.ts'
import { answerControl, controlPrefix } from './control.ts'
import { failBeforeRouting } from './fault-injection.ts'
import { takeFault } from './faults.ts'
import { type RequestHead, readRequestHead } from './request-head.ts'
import { answerRoute, type Download } from './route-call.ts'
import { matchRoute } from './router.ts'
import { answerThrottled } from './throttled.ts'
import type { World } from './world.ts'

/** Answers one request. Never throws: whatever a client does, and whatever breaks here, the server goes on. */
export async function answerExchange(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const head = readRequestHead(request)
    if (head.path.startsWith(controlPrefix)) await answerControl(world, head, request, response)
    else await answerApi(world, head, request, response)
  } catch {
    // A client that went away in the middle of its body ends here as well: there is nobody left to answer.
    if (response.headersSent || response.destroyed) response.destroy()
    else sendAnswer(response, answerHtml(500, 'Server Error (500)'))
  }
}

async function answerApi(
  world: World,
  head: RequestHead,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  world.received.requests += 1
  if (await failBeforeRouting(world.faults, head, request, response)) return
  const answer = await apiAnswer(world, head, request)
  const isCut = takeFault(world.faults, 'resetMidBody')
  if ('downloadBytes' in answer) {
    const { downloadBytes } = answer
    await sendBytes(response, downloadBytes, isCut ? Math.floor(downloadBytes / 2) : downloadBytes)
  } else if (isCut) sendHalf(response, answer)
  else sendAnswer(response, answer)
}

async function apiAnswer(world: World, head: RequestHead, request: IncomingMessage): Promise<Answer | Download> {
  const retryAfterSec = world.rateLimiter.refuse(head.address)
  if (retryAfterSec !== null) return answerThrottled(head.path, retryAfterSec)
  try {
    const match = matchRoute(head.method, head.path)
    switch (match.kind) {
      case 'found':
        return await answerRoute(world, { head, request, route: match.route, params: match.params })
      case 'method_not_allowed':
        return answerWrongMethod(head, match.allowed)
      case 'slash_missing':
        return answerSlashMissing(head)
      case 'unknown':
        return isApiPath(head.path)
          ? answerError(head.path, apiError('resource_not_found'))
          : answerHtml(404, 'Not Found')
    }
  } catch (error) {
    if (error instanceof ApiError) return answerError(head.path, error)
    throw error
  }
}

function answerWrongMethod(head: RequestHead, allowed: readonly string[]): Answer {
  const answer = isApiPath(head.path)
    ? answerError(head.path, apiError('method_not_allowed'))
    : answerHtml(405, 'Method Not Allowed')
  return { ...answer, fields: { ...answer.fields, Allow: allowed.join(', ') } }
}

/**
 * A path without its final slash, as Django treats it. In production (`DEBUG` off) Django redirects every method, and a
 * client that follows a 301 for a POST drops the body and sends GET. Here that is the loud error of `DEBUG` instead,
 * so that a forgotten slash can never pass a test.
 */
function answerSlashMissing(head: RequestHead): Answer {
  if (head.method !== 'GET' && head.method !== 'HEAD') {
    return answerHtml(500, `RuntimeError: ${head.method} with APPEND_SLASH set and no final slash`)
  }
  return answerHtml(301, 'Moved Permanently', { Location: `${head.rawPath}/${head.rawQuery}` })
}

function isApiPath(path: string): boolean {
  return path.startsWith('/api/') || path.startsWith('/proxy/')
}

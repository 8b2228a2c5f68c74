import type { IncomingMessage, ServerResponse } from 'node:http'
import { hasBody } from '../forwarding/request-body.ts'
import { isHere } from '../forwarding/whole-body.ts'
import { connectionOf } from './connection.ts'

/** What becomes of a request, decided once. */
export interface BodyWaiter {
  /** It may be forwarded. */
  go(): void
  /** Its client went away, or let the time pass. */
  onGone(): void
  /** The rest of it is not well formed. */
  onMalformed(): void
}

export interface BodyPlaces {
  /** Whether a request may be forwarded at once. One that may not has to wait. */
  takes(request: IncomingMessage): boolean
  wait(request: IncomingMessage, response: ServerResponse, waiter: BodyWaiter): void
}

export interface BodyPlacesOptions {
  /** Most requests that are forwarded while their body is still coming. */
  readonly places: number
  /** How long one may wait, in milliseconds. */
  readonly timeoutMs: number
}

interface Waiting {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly waiter: BodyWaiter
  readonly since: number
}

const lookEveryMs = 10

/**
 * Keeps clients that send their bodies slowly from taking every way to the upstream: only so many requests are forwarded
 * before they are there as a whole. The others wait, and go as soon as they are complete (Node holds small bodies by
 * itself) or a place is free. Requests without a body never wait.
 */
export function createBodyPlaces({ places, timeoutMs }: BodyPlacesOptions): BodyPlaces {
  // A list: the tables that a Set outgrows and throws away would keep what was in them, and all that hangs on it, for long.
  const coming: IncomingMessage[] = []
  const waiting = new Set<Waiting>()
  let timer: NodeJS.Timeout | undefined

  function takes(request: IncomingMessage): boolean {
    if (!hasBody(request) || isHere(request)) return true
    forgetOver(coming)
    if (coming.length >= places) return false
    coming.push(request)
    return true
  }

  function look(): void {
    for (const each of waiting) {
      const { request, response, waiter, since } = each
      const isLate = performance.now() - since >= timeoutMs
      const isOver = response.destroyed || isLate
      const isBroken = isMalformed(request)
      if (!isOver && !isBroken && !takes(request)) continue
      waiting.delete(each)
      if (isLate) response.destroy()
      if (isOver) waiter.onGone()
      else if (isBroken) waiter.onMalformed()
      else waiter.go()
    }
    if (waiting.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  return {
    takes,
    wait(request, response, waiter) {
      waiting.add({ request, response, waiter, since: performance.now() })
      timer ??= setInterval(look, lookEveryMs)
    },
  }
}

/** Takes out those whose body is here, or will not come. */
function forgetOver(coming: IncomingMessage[]): void {
  for (let at = coming.length - 1; at >= 0; at--) {
    const { complete, destroyed } = coming[at] as IncomingMessage
    const last = complete || destroyed ? coming.pop() : undefined
    if (last !== undefined && at < coming.length) coming[at] = last
  }
}

/** The rest of it will never come. That can be known before it enters: while its session token was verified. */
export function isMalformed({ socket, complete }: IncomingMessage): boolean {
  return connectionOf(socket).fault !== undefined && !complete
}

import { type Dispatcher, request } from 'undici'
import { type ForageFault, faultOfAnswer, faultOfError, isForageFault } from './forage-fault.ts'

/** A request of our own to Forage. All of them are POST. */
export interface ForagePost {
  readonly origin: string
  /** Begins and ends with a slash. */
  readonly path: string
  readonly dispatcher: Dispatcher
  /** Time for everything, a second attempt included. */
  readonly timeoutMs: number
  readonly headers: Readonly<Record<string, string>>
  /** Members of a form; absent: no body. */
  readonly form?: Readonly<Record<string, string>>
  /** Whether it may be sent again after a connection broke that may have carried it to its end. */
  readonly isRepeatable: boolean
}

/** A success; its text is not looked at yet. */
export interface ForageAnswer {
  readonly status: number
  readonly text: string
}

/** Longest answer that is read, in octets. A token has some hundreds. */
export const maxAnswerBytes: number = 64 * 1024

const successes: readonly number[] = [200, 201, 204]

/**
 * Sends a request, and sends it once more where nothing can have been done by the first attempt, or where it does no
 * harm to do it twice: a connection that Forage closed while it was idle is found out only by using it. What was
 * answered, whatever the answer, and what ran out of time is never sent again.
 */
export async function postToForage(post: ForagePost): Promise<ForageAnswer | ForageFault> {
  const deadline = AbortSignal.timeout(post.timeoutMs)
  const first = await attempt(post, deadline)
  if (!isForageFault(first) || first.fault !== 'unreachable' || deadline.aborted) return first
  return first.mayHaveTakenEffect && !post.isRepeatable ? first : attempt(post, deadline)
}

async function attempt(post: ForagePost, deadline: AbortSignal): Promise<ForageAnswer | ForageFault> {
  try {
    // undici looks at the signal once a request has a connection: one that waits for it would outwait the deadline.
    return await Promise.race([exchange(post, deadline), rejectionOf(deadline)])
  } catch (error) {
    return faultOfError(error)
  }
}

async function exchange(post: ForagePost, signal: AbortSignal): Promise<ForageAnswer | ForageFault> {
  const { origin, path, dispatcher, headers, form } = post
  const {
    statusCode,
    headers: fields,
    body,
  } = await request(`${origin}${path}`, {
    method: 'POST',
    dispatcher,
    signal,
    headers: {
      accept: 'application/json',
      'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json',
      ...headers,
    },
    ...(form && { body: new URLSearchParams(form).toString() }),
    // Never full, so never paused: undici fails an assertion when a paused answer is reset.
    highWaterMark: 2 * maxAnswerBytes,
  })
  if (successes.includes(statusCode)) return { status: statusCode, text: await body.text() }
  const retryAfter = fields['retry-after']
  // The status says enough of an answer that breaks off.
  const text = await body.text().catch(() => '')
  return faultOfAnswer(statusCode, text, typeof retryAfter === 'string' ? retryAfter : undefined)
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

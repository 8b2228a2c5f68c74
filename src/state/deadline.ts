import { TimedOut } from './state-away.ts'

/**
 * Waits for an answer, but no longer than so many milliseconds.
 *
 * An event loop that was held up runs its timers before it reads its sockets, so the answer may lie there unread when the
 * time is over. It is read before the verdict: a pause of our own is no fault of the other side.
 */
export function withDeadline<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => setImmediate(() => reject(new TimedOut())), timeoutMs)
    const settle = (end: () => void) => {
      clearTimeout(timer)
      end()
    }
    answer.then(
      value => settle(() => resolve(value)),
      error => settle(() => reject(error)),
    )
  })
}

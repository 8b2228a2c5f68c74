/**
 * Waits for work that others wait for as well, and stops waiting at once when the signal fires. The work goes on.
 *
 * @param start begins the work; not called when the signal has fired already
 * @returns the result; rejects with the reason of the signal
 */
export function unlessAborted<T>(signal: AbortSignal | undefined, start: () => Promise<T>): Promise<T> {
  if (signal === undefined) return start()
  if (signal.aborted) return Promise.reject(reasonOf(signal))
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(reasonOf(signal))
    const settle = (): void => signal.removeEventListener('abort', abort)
    signal.addEventListener('abort', abort)
    start().finally(settle).then(resolve, reject)
  })
}

/** Older platforms, React Native among them, give no reason. */
function reasonOf({ reason }: AbortSignal): unknown {
  return reason ?? Object.assign(new Error('The request was aborted.'), { name: 'AbortError' })
}

/** Calls back later. Injected, so that days pass in a test at once. */
export interface Timers {
  /** @returns what calls it off */
  after(delayMs: number, callback: () => void): () => void
}

/** The timers of this process; none of them keeps it alive. */
export const systemTimers: Timers = {
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

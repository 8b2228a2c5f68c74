/** How often deadlines are looked at, in milliseconds: one passes at most twice as much late. */
const tickMs = 25
/** How much one look may count, in ticks: a pause of this process is not the other side's fault. */
const maxTicksAtOnce = 4

/**
 * A moment that is put off again and again, until it passes or is called off. All share one timer: a timer each would be
 * made, moved three times and thrown away with every request.
 */
export class Deadline {
  static readonly #running: Deadline[] = []
  static #timer: NodeJS.Timeout | undefined
  static #lookedAt = 0

  readonly #onPassed: () => void
  #delay: number
  /** In ticks. */
  #left: number
  /** Whether it was begun, or put off, after the last look: what passed before that is none of its time. */
  #isFresh = true
  /** Its place among those that run; -1: it does not. */
  #index: number

  constructor(onPassed: () => void, delayMs: number) {
    this.#onPassed = onPassed
    this.#delay = ticksOf(delayMs)
    this.#left = this.#delay
    this.#index = Deadline.#running.push(this) - 1
    if (Deadline.#timer === undefined) Deadline.#begin()
  }

  /** The same delay again, from now on. */
  refresh(): void {
    this.#left = this.#delay
    this.#isFresh = true
  }

  /** Another delay, from now on. */
  restart(delayMs: number): void {
    this.#delay = ticksOf(delayMs)
    this.refresh()
  }

  callOff(): void {
    const last = Deadline.#running.at(-1)
    if (this.#index < 0 || last === undefined) return
    Deadline.#running[this.#index] = last
    last.#index = this.#index
    Deadline.#running.pop()
    this.#index = -1
  }

  static #begin(): void {
    Deadline.#lookedAt = performance.now()
    Deadline.#timer = setInterval(Deadline.#look, tickMs)
  }

  static readonly #look = (): void => {
    if (Deadline.#running.length === 0) {
      clearInterval(Deadline.#timer)
      Deadline.#timer = undefined
      return
    }
    const now = performance.now()
    const ticks = Math.min(Math.max(1, Math.floor((now - Deadline.#lookedAt) / tickMs)), maxTicksAtOnce)
    // What is left of a tick counts with the next one: a busy process looks late each time.
    Deadline.#lookedAt = ticks < maxTicksAtOnce ? Deadline.#lookedAt + ticks * tickMs : now
    for (const deadline of Deadline.#running) deadline.#spend(ticks)
    for (const deadline of Deadline.#running.filter(each => each.#left <= 0)) deadline.#pass()
  }

  #spend(ticks: number): void {
    this.#left -= this.#isFresh ? 1 : ticks
    this.#isFresh = false
  }

  #pass(): void {
    // Another one that passed before it may have called it off, or put it off.
    if (this.#index < 0 || this.#left > 0) return
    this.callOff()
    this.#onPassed()
  }
}

/** One more than fit: the first one is under way already. */
function ticksOf(delayMs: number): number {
  return Math.ceil(delayMs / tickMs) + 1
}

/** Calls back once, after so many milliseconds. @returns what calls it off */
export type SetTimer = (callBack: () => void, delayMs: number) => () => void

/** Node's own timers. */
export const setNodeTimer: SetTimer = (callBack, delayMs) => {
  const timer = setTimeout(callBack, delayMs)
  return () => clearTimeout(timer)
}

/** One moment to wake up at, which may be moved. */
export class Alarm {
  readonly #setTimer: SetTimer
  readonly #onTime: () => void
  #at = Number.POSITIVE_INFINITY
  #callOff = (): void => {}

  constructor(setTimer: SetTimer, onTime: () => void) {
    this.#setTimer = setTimer
    this.#onTime = onTime
  }

  /** @param at the moment to wake up at, in milliseconds; infinity: none */
  setFor(at: number, nowMs: number): void {
    if (at === this.#at) return
    this.#callOff()
    this.#at = at
    this.#callOff =
      at === Number.POSITIVE_INFINITY ? () => {} : this.#setTimer(this.#ring, millisecondsUntil(at, nowMs))
  }

  readonly #ring = (): void => {
    this.#at = Number.POSITIVE_INFINITY
    this.#callOff = () => {}
    this.#onTime()
  }
}

/** Whole ones and at least one: a timer that is early would be set again for what is left, which is nothing. */
function millisecondsUntil(at: number, nowMs: number): number {
  return Math.max(1, Math.ceil(at - nowMs))
}

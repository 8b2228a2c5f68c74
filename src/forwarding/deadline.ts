/** A moment that is put off again and again, until it passes or is called off. */
export class Deadline {
  readonly #onPassed: () => void
  #delayMs: number
  #timer: NodeJS.Timeout

  constructor(onPassed: () => void, delayMs: number) {
    this.#onPassed = onPassed
    this.#delayMs = delayMs
    this.#timer = setTimeout(onPassed, delayMs)
  }

  /** The same delay again, from now on. */
  refresh(): void {
    this.#timer.refresh()
  }

  /** Another delay, from now on. */
  restart(delayMs: number): void {
    if (delayMs === this.#delayMs) {
      this.refresh()
      return
    }
    this.#delayMs = delayMs
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#onPassed, delayMs)
  }

  callOff(): void {
    clearTimeout(this.#timer)
  }
}

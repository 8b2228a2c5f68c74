import type { UnderWay } from './connection.ts'

/** A request that waits until those in front of it on its connection are answered. */
export class HeldRequest implements UnderWay {
  readonly #go: () => void
  readonly #onGone: () => void
  #isOver = false

  /** @param go acts on it; @param onGone its client is gone, and nothing was done. One of the two is called, once. */
  constructor(go: () => void, onGone: () => void) {
    this.#go = go
    this.#onGone = onGone
  }

  go(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#go()
  }

  /** Nothing of it is being read. Whoever acts on it later finds out by the connection. */
  breakOff(): boolean {
    return false
  }

  abandon(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#onGone()
  }
}

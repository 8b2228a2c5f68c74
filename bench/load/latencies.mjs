// A histogram of durations with steps of one per cent: exact enough for a percentile, and nothing for the collector.
const perDoubling = 64
const smallestUs = 1
const steps = 40 * perDoubling

export class Latencies {
  #counts = new Uint32Array(steps)
  #total = 0

  /** @param ms milliseconds */
  add(ms) {
    const step = Math.round(Math.log2(Math.max(smallestUs, ms * 1000)) * perDoubling)
    this.#counts[Math.min(step, steps - 1)]++
    this.#total++
  }

  /** @returns milliseconds; NaN where there are none */
  percentile(percent) {
    let left = (this.#total * percent) / 100
    for (let step = 0; step < steps; step++) {
      left -= this.#counts[step]
      if (left <= 0 && this.#counts[step] > 0) return 2 ** (step / perDoubling) / 1000
    }
    return Number.NaN
  }
}

const initialCapacity = 16

/**
 * A queue of moments, each with what it is about, in the order in which they come. It grows by doubling and never
 * shifts, so that a request costs two writes into arrays and nothing for the collector.
 */
export class ExpiryRing<Owner> {
  #times = new Float64Array(initialCapacity)
  #owners: Owner[] = new Array(initialCapacity)
  #first = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  /** @param time not before the last one */
  push(time: number, owner: Owner): void {
    if (this.#length === this.#times.length) this.#grow()
    const slot = (this.#first + this.#length) & (this.#times.length - 1)
    this.#times[slot] = time
    this.#owners[slot] = owner
    this.#length++
  }

  /** The time at an index from the front, or infinity where there is none. */
  timeAt(index: number): number {
    if (index >= this.#length) return Number.POSITIVE_INFINITY
    return this.#times[(this.#first + index) & (this.#times.length - 1)] as number
  }

  /** Takes the first away. Only where there is one. */
  shift(): Owner {
    const owner = this.#owners[this.#first] as Owner
    this.#first = (this.#first + 1) & (this.#times.length - 1)
    this.#length--
    return owner
  }

  #grow(): void {
    const capacity = this.#times.length * 2
    const times = new Float64Array(capacity)
    const owners: Owner[] = new Array(capacity)
    for (let index = 0; index < this.#length; index++) {
      const slot = (this.#first + index) & (this.#times.length - 1)
      times[index] = this.#times[slot] as number
      owners[index] = this.#owners[slot] as Owner
    }
    this.#times = times
    this.#owners = owners
    this.#first = 0
  }
}

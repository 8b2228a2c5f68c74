/**
 * A map that forgets its oldest entries, so that a client who creates objects for ever cannot exhaust memory.
 * Pinned keys (the seeded objects) are never forgotten.
 */
export class BoundedMap<K, V> {
  readonly #entries = new Map<K, V>()
  readonly #capacity: number
  readonly #pinned: ReadonlySet<K>

  /** @param capacity most entries kept; must exceed the number of pinned keys */
  constructor(capacity: number, pinned: Iterable<K> = []) {
    this.#capacity = capacity
    this.#pinned = new Set(pinned)
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)
  }

  set(key: K, value: V): void {
    if (!this.#entries.has(key) && this.#entries.size >= this.#capacity) this.#forgetOldest()
    this.#entries.set(key, value)
  }

  delete(key: K): boolean {
    return this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }

  /** Oldest first. */
  values(): IterableIterator<V> {
    return this.#entries.values()
  }

  #forgetOldest(): void {
    for (const key of this.#entries.keys()) {
      if (this.#pinned.has(key)) continue
      this.#entries.delete(key)
      return
    }
  }
}

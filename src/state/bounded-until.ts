/** Values that are dropped at their end, or when too many came after them. */
export interface BoundedUntil<T> {
  set(key: string, value: T, endsAt: number): void
  get(key: string, now: number): T | undefined
}

export function createBoundedUntil<T>(maxEntries: number): BoundedUntil<T> {
  const entries = new Map<string, { readonly value: T; readonly endsAt: number }>()
  return {
    set(key, value, endsAt) {
      entries.delete(key)
      entries.set(key, { value, endsAt })
      const [oldest] = entries.size > maxEntries ? entries.keys() : []
      if (oldest !== undefined) entries.delete(oldest)
    },
    get(key, now) {
      const entry = entries.get(key)
      if (entry && entry.endsAt > now) return entry.value
      entries.delete(key)
      return undefined
    },
  }
}

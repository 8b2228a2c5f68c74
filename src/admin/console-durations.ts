/** Upper bounds in milliseconds, close enough together that a quantile between two of them says something. */
const bounds = [
  0.1, 0.25, 0.5, 0.75, 1, 1.5, 2.5, 4, 6, 10, 15, 25, 40, 60, 100, 150, 250, 400, 600, 1000, 1500, 2500, 4000, 6000,
  10_000,
] as const

/** How many durations there were up to each bound, and beyond the last one. */
export type DurationCounts = number[]

export function noDurations(): DurationCounts {
  return Array.from({ length: bounds.length + 1 }, () => 0)
}

export function noteDuration(into: DurationCounts, ms: number): void {
  let index = 0
  while (index < bounds.length && ms > (bounds[index] as number)) index++
  into[index] = (into[index] as number) + 1
}

export function addDurations(into: DurationCounts, more: readonly number[]): void {
  for (const [index, count] of more.entries()) into[index] = (into[index] as number) + count
}

/**
 * The duration that a share of all stayed below, in milliseconds, as if they lay evenly between two bounds. What lies
 * beyond the last one is given as that one.
 *
 * @param share 0 to 1
 * @returns null where there was none
 */
export function quantile(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  let left = share * total
  for (const [index, count] of counts.entries()) {
    if (count > 0 && left <= count) return between(index, left / count)
    left -= count
  }
  return bounds[bounds.length - 1] as number
}

function between(index: number, part: number): number {
  const upper = bounds[index] ?? bounds[bounds.length - 1] ?? 0
  const lower = bounds[index - 1] ?? 0
  return Math.round((lower + (upper - lower) * part) * 100) / 100
}

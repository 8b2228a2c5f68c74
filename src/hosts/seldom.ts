/**
 * Lets a call through at most once in a while, and tells how many were kept back before it: for log lines about what
 * anybody can bring about as often as they like.
 */
export function seldom<T>(
  periodMs: number,
  tell: (value: T, keptBack: number) => void,
  now: () => number = () => performance.now(),
): (value: T) => void {
  let next = Number.NEGATIVE_INFINITY
  let keptBack = 0
  return value => {
    if (now() < next) {
      keptBack++
      return
    }
    next = now() + periodMs
    tell(value, keptBack)
    keptBack = 0
  }
}

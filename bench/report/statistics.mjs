// Medians, and how far apart the rounds were.

export function median(values) {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Half of the range, as a part of the median: 0.03 is ±3 %. */
export function spread(values) {
  return (Math.max(...values) - Math.min(...values)) / 2 / median(values)
}

/** CPU of the proxy per request, round by round, in microseconds. */
export function cpuPerRequest({ rounds }) {
  return rounds.map(({ cpuMicros, requests }) => cpuMicros / requests)
}

export function requestsPerSecond({ rounds }) {
  return rounds.map(({ requests, ms }) => (requests * 1000) / ms)
}

/** How much of one processor the proxy used, 0 to 1 (more with several processes). */
export function busy({ rounds }) {
  return median(rounds.map(({ cpuMicros, ms }) => cpuMicros / ms / 1000))
}

/** One row against another: the median of the ratios of rounds that stood side by side. */
export function ratio(figures, one, other) {
  const others = figures(other)
  return median(figures(one).map((figure, round) => figure / others[round]))
}

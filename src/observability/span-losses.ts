/** Spans that the collector did not get. */
export interface SpanLoss {
  /**
   * Error code of the platform (`ECONNREFUSED`), `HTTP 401` and the like, `queue_full`; `''` where there is none, as for a
   * collector that does not answer. Never a message: it may hold the endpoint's credentials.
   */
  readonly code: string
  /** How many since this was told before. */
  readonly spans: number
}

export interface SpanLosses {
  add(spans: number, code: string): void
  /** All there were so far. */
  total(): number
}

/** Counts losses, and tells of them at once, but seldom: a collector that is away would fill the log. */
export function createSpanLosses(
  onLoss: (loss: SpanLoss) => void,
  periodMs: number = 60_000,
  now: () => number = () => performance.now(),
): SpanLosses {
  let total = 0
  let untold = 0
  let next = Number.NEGATIVE_INFINITY
  return {
    add(spans, code) {
      total += spans
      untold += spans
      if (now() < next) return
      next = now() + periodMs
      onLoss({ code, spans: untold })
      untold = 0
    },
    total: () => total,
  }
}

/** The code of an error of the exporter, whose own errors carry the status of the collector's answer. */
export function lossCodeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  const { code } = error
  if (typeof code === 'number') return `HTTP ${code}`
  return typeof code === 'string' ? code : ''
}

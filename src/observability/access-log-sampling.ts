/** As many bits of a trace id as a number holds exactly: the upper 52 of the 56 that W3C Trace Context calls random. */
const digits = 13
const values = 2 ** 52

/**
 * Chooses which share of the traces is logged. The trace id alone decides, so every replica and every hop that samples
 * so keeps the same ones, and a smaller share is part of each larger one.
 *
 * @param share 0 to 1
 * @see {@link https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/ | consistent sampling}
 */
export function createTraceSampler(share: number): (traceId: string) => boolean {
  if (share >= 1) return () => true
  const threshold = (1 - share) * values
  return traceId => Number.parseInt(traceId.slice(-digits - 1, -1), 16) >= threshold
}

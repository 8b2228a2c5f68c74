import type { Sampling } from '../gate/trace-context.ts'

export interface SamplingOptions {
  /** Share of traces that are sampled where nobody has decided yet, 0 to 1. */
  readonly sampleRatio: number
  /** Whether a client that has decided is followed. */
  readonly trustClientSampling: boolean
}

/** As many digits as a number holds exactly: 52 bits. */
const digits = 13

/** The rule by which requests are sampled: the client's decision first, then a share of the random ids. */
export function createSampling({ sampleRatio, trustClientSampling }: SamplingOptions): Sampling {
  const bound = sampleRatio * 16 ** digits
  return {
    samples: randomId => Number.parseInt(randomId.slice(-digits), 16) < bound,
    trustsClient: trustClientSampling,
  }
}

import { z } from 'zod'
import type { RateConfig } from './config.ts'
import { rate, wholeNumber } from './schema-values.ts'

export interface LimitsDocument {
  readonly maxBodyBytes: number | null
  readonly maxHeaderBytes: number | null
  readonly perSession: RateConfig | null
  readonly perAddress: RateConfig | null
  readonly denialsPerAddress: RateConfig | null
}

/** Node needs some bound on the field lines of a request; this is the one that stands for "none". */
export const largestHeaderBytes = 65_536

export const limitsSchema: z.ZodType<LimitsDocument> = z
  .strictObject({
    perSession: rate(60, 60).describe('Requests of one session token. Null: no limit.'),
    perAddress: rate(300, 60).describe('Requests of one client address. Null: no limit.'),
    denialsPerAddress: rate(60, 60).describe('Refusals of one client address. Null: no limit.'),
    maxBodyBytes: wholeNumber(1, 1_073_741_824, 'octets')
      .nullable()
      .default(1_048_576)
      .describe('Longest request body, in octets. Null: no limit.'),
    maxHeaderBytes: wholeNumber(1024, largestHeaderBytes, 'octets')
      .nullable()
      .default(16_384)
      .describe(`Most octets of all field lines of a request. Null: ${largestHeaderBytes}.`),
  })
  .prefault({})
  .describe('What one client may ask for.')

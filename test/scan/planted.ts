import { DeterministicSource } from '../../src/simulator/deterministic-source.ts'
import { mintJwt, mintTimestamped } from '../../src/simulator/session-token.ts'

const source = new DeterministicSource('credentials that are planted for the scan')

/** Letters and digits as a generator of secrets draws them; other ones with each call. */
export function drawn(length: number): string {
  return source.alphanumeric('secret', length)
}

/** 2025-07-16T14:46:39Z, in seconds since the epoch. */
export const issuedAt = 1_752_677_199
export const now = issuedAt + 60

/** One credential of each kind that names its environment, made anew for each test. */
export function plantedTokens(environment: 'sandbox' | 'prod' = 'sandbox') {
  return {
    authentication: `${environment}_${drawn(30)}`,
    jwt: mintJwt(environment, { a: 42, exp: now + 1 }, drawn(32)),
    timestamped: mintTimestamped(environment, { a: 1001, sk: drawn(24), t: 7 }, issuedAt, drawn(32)),
  }
}

/** The text of a Basic credential. */
export function basic(id: string, secret: string): string {
  return Buffer.from(`${id}:${secret}`).toString('base64')
}

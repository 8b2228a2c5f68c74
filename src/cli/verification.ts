import type { Config } from '../config/config.ts'
import { whatModesProve } from '../session/verify-mode.ts'

/** What makes a session token authentic here, in words that promise no more than is checked. */
export function describeVerification({ session: { verify } }: Config): string {
  return `verified by ${verify}: ${whatModesProve[verify]}`
}

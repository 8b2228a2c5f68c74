import { mintJwt } from '../../src/simulator/session-token.ts'

/** The secret of config/demo.yaml, which everybody knows. */
export const demoSecret = 'demo-only-everybody-knows-this-session-secret'

/** A session token that the demo's configuration accepts, for 15 minutes from now. */
export function aToken(claims: Readonly<Record<string, unknown>> = {}): string {
  const exp = Math.floor(Date.now() / 1000) + 900
  return mintJwt('mock', { a: 1, exp, ...claims }, demoSecret)
}

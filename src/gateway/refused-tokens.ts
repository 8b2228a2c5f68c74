import type { Config } from '../config/config.ts'
import { rejectsToken } from '../forage/token-rejections.ts'
import type { ClientLimits } from '../gate/client-limits.ts'
import { tokenOf } from '../gate/credentials.ts'
import type { Allowed } from '../gate/decision.ts'
import type { SessionRegistry } from '../session/session-registry.ts'

/** Told of the body of a 401 of Forage's. */
export type OnUnauthorized = (decision: Allowed, body: string, clientAddress: string) => void

/**
 * Remembers the tokens that Forage refuses. Where nothing else tells a real token from a made-up one, each also counts as a
 * refusal of its address: a made-up token costs a request at Forage, and there are any number of them.
 */
export function refusedTokens(
  { session }: Config,
  registry: Pick<SessionRegistry, 'reject'>,
  limits: Pick<ClientLimits, 'noteDenial'>,
): OnUnauthorized {
  const isOnlyProof = session.verify === 'upstream'
  return (decision, body, clientAddress) => {
    if (!rejectsToken(body)) return
    registry.reject(tokenOf(decision.facts))
    if (isOnlyProof) limits.noteDenial(clientAddress)
  }
}

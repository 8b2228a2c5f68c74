import type { SessionRegistry } from '../session/session-registry.ts'

/** A registry that tells of each revocation that has taken effect. */
export function countingRevocations(registry: SessionRegistry, noteRevocation: () => void): SessionRegistry {
  return {
    ...registry,
    revoke(request) {
      const result = registry.revoke(request)
      if (result === 'revoked') noteRevocation()
      return result
    },
  }
}

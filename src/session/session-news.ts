import type { Sessions } from './create-sessions.ts'
import type { LedgerEntry } from './ledger.ts'
import type { Revocation } from './revocations.ts'
import type { RevocationRequest } from './session-registry.ts'
import { textDigest } from './token-identity.ts'

/**
 * What one process of a gateway tells the others about sessions. It travels over pipes between a process and its own
 * children, never further.
 */
export type SessionNews =
  | { readonly kind: 'record'; readonly token: string; readonly entry: LedgerEntry }
  | { readonly kind: 'revoke'; readonly request: RevocationRequest }
  | {
      readonly kind: 'known'
      readonly entries: readonly LedgerEntry[]
      readonly revocations: readonly (readonly [revocation: Revocation, now: number])[]
    }

/** Everything that is known, for a process that begins now. */
export function knownSessions({ ledger, revocations }: Sessions): SessionNews {
  return { kind: 'known', entries: [...ledger.entries()], revocations: revocations.list() }
}

/** Takes up what another process tells. */
export function hearNews(news: SessionNews, { registry, adopt, revocations }: Sessions): void {
  if (news.kind === 'record') adopt(news.entry, news.token)
  else if (news.kind === 'revoke') registry.revoke(news.request)
  else {
    for (const entry of news.entries) adopt(entry)
    for (const [revocation, now] of news.revocations) revocations.add(revocation, now)
  }
}

/** A registry whose changes are told to others once they have taken effect here. */
export function announcing(
  { registry, ledger }: Sessions,
  announce: (news: SessionNews) => void,
): Sessions['registry'] {
  return {
    ...registry,
    record(token, origin, options) {
      const recorded = registry.record(token, origin, options)
      // The whole record: the others may not know what was on record before.
      const entry = 'reason' in recorded ? undefined : ledger.findByDigest(textDigest(token))
      if (entry) announce({ kind: 'record', token, entry })
      return recorded
    },
    revoke(request) {
      const revoked = registry.revoke(request)
      if (revoked === 'revoked') announce({ kind: 'revoke', request })
      return revoked
    },
  }
}

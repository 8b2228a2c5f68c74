import type { Config } from '../config/config.ts'
import type { Ledger } from '../session/ledger.ts'

export interface SessionSources {
  readonly config: () => Config
  readonly ledger: Pick<Ledger, 'entries'>
  readonly revocations: { readonly size: number }
  /** Session tokens that were handed out since the start, by use case. */
  readonly issued: () => Readonly<Record<string, number>>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** The sessions of a use case. */
export interface UseCaseSessions {
  /** Null: those that name none. */
  readonly useCase: string | null
  /** On record and not over. */
  readonly onRecord: number
  /** Handed out since the start. */
  readonly issued: number
  readonly scopes: readonly string[]
}

export interface SessionCounts {
  readonly useCases: readonly UseCaseSessions[]
  readonly total: number
  /** Revocations that are remembered. A revoked session stays on record until its time is over. */
  readonly revocations: number
}

/** Where the policy lists no use cases, a backend may name any: so many are told apart. */
const maxUseCases = 100

/** How long a count stands: a full ledger has 200,000 tokens to look at. */
const freshMs = 5000

/** @returns counts the sessions on record by use case, at most once in a few seconds */
export function createSessionCounts(sources: SessionSources): () => SessionCounts {
  let counted: Omit<SessionCounts, 'revocations'> | undefined
  let countedAt = 0
  return () => {
    const nowMs = sources.now()
    if (!counted || nowMs >= countedAt + freshMs) {
      countedAt = nowMs
      counted = countSessions(sources, nowMs / 1000)
    }
    return { ...counted, revocations: sources.revocations.size }
  }
}

function countSessions({ config, ledger, issued }: SessionSources, nowSec: number) {
  const { policy, issuing } = config()
  const onRecord = new Map<string | null, number>()
  for (const name of [...policy.useCases.keys(), ...(issuing?.useCases ?? []), null]) onRecord.set(name, 0)
  let total = 0
  for (const { expiresAt, provenance } of ledger.entries()) {
    if (expiresAt <= nowSec) continue
    total++
    const name = provenance.useCase ?? null
    onRecord.set(name, (onRecord.get(name) ?? 0) + 1)
  }
  const handedOut = issued()
  const useCases = [...onRecord].slice(0, maxUseCases).map(([useCase, count]) => ({
    useCase,
    onRecord: count,
    issued: useCase === null ? 0 : (handedOut[useCase] ?? 0),
    scopes: [...((useCase === null ? undefined : policy.useCases.get(useCase)) ?? policy.defaultScopes)],
  }))
  return { useCases, total }
}

import type { Session } from './session.ts'
import { sessionLifetimeSec } from './times.ts'

/** What is revoked: one token, all of a use case, all from an authentication token, or everything. */
export type Revocation =
  | { readonly token: string; readonly expiresAt: number }
  | { readonly useCase: string }
  | { readonly authenticationToken: string }
  | { readonly all: true }

export type RevocationResult = 'revoked' | 'full'

/** Sessions that are over before their time. Asked on every request, also for sessions in the cache. */
export interface Revocations {
  /**
   * @param revocation tokens by their identity, authentication tokens by their digest
   * @param now seconds since the epoch
   * @returns `full` when nothing more can be remembered: the caller must be told, since the token stays valid
   */
  add(revocation: Revocation, now: number): RevocationResult
  isRevoked(session: Session): boolean
  /** All of them, for a process that begins later: what is revoked, and the `now` that it was added with. */
  list(): readonly (readonly [revocation: Revocation, now: number])[]
  readonly size: number
}

export interface RevocationsOptions {
  /** Most single tokens, whose revocations end with them. Default 100,000. */
  readonly maxTokens?: number
  /** Longest life of a token, in seconds: when one began that does not say so. Default 900. */
  readonly maxLifetimeSec?: number
}

/** Collective revocations that are remembered; each name comes from the configuration or from an authenticated caller. */
const maxCollective = 10_000

/**
 * The revocations of one process. A session that began before the revocation of a use case, or of everything, is over;
 * one that begins after it is not. Within the same second it is taken for older, unless this gateway issued it and knows
 * better. What came from a revoked authentication token is over whenever it began: Forage revokes it likewise, and an
 * issue that was under way at that moment must not slip through.
 */
export function createRevocations(options: RevocationsOptions = {}): Revocations {
  const { maxTokens = 100_000, maxLifetimeSec = sessionLifetimeSec } = options
  const tokens = new Map<string, number>()
  const useCases = new Map<string, number>()
  const parents = new Map<string, number>()
  let everythingAt = Number.NEGATIVE_INFINITY
  // A collective revocation is spent once the last session that it covers is over.
  const retentionSec = Math.max(3600, 2 * maxLifetimeSec)

  function addToken(identity: string, expiresAt: number, now: number): RevocationResult {
    if (tokens.size >= maxTokens) forgetEnded(tokens, now)
    if (tokens.size >= maxTokens && !tokens.has(identity)) return 'full'
    tokens.set(identity, expiresAt)
    return 'revoked'
  }

  return {
    add(revocation, now) {
      if ('token' in revocation) return addToken(revocation.token, revocation.expiresAt, now)
      if ('all' in revocation) {
        everythingAt = Math.max(everythingAt, now)
        return 'revoked'
      }
      return 'useCase' in revocation
        ? addCollective(useCases, revocation.useCase, now, retentionSec)
        : addCollective(parents, revocation.authenticationToken, now, retentionSec)
    },
    isRevoked(session) {
      if (tokens.has(session.identity)) return true
      const began = beganAt(session, maxLifetimeSec)
      const { useCase, parent } = session.provenance ?? {}
      if (everythingAt >= began || covers(useCases, useCase, began)) return true
      return parent !== undefined && parents.has(parent)
    },
    list: () => [
      ...[...tokens].map(([token, expiresAt]) => [{ token, expiresAt }, 0] as const),
      ...[...useCases].map(([useCase, at]) => [{ useCase }, at] as const),
      ...[...parents].map(([authenticationToken, at]) => [{ authenticationToken }, at] as const),
      ...(everythingAt > 0 ? [[{ all: true }, everythingAt] as const] : []),
    ],
    get size() {
      return tokens.size + useCases.size + parents.size + (everythingAt > 0 ? 1 : 0)
    },
  }
}

function addCollective(times: Map<string, number>, name: string, now: number, retentionSec: number): RevocationResult {
  if (times.size >= maxCollective) for (const [old, at] of times) if (at < now - retentionSec) times.delete(old)
  if (times.size >= maxCollective && !times.has(name)) return 'full'
  // News of a revocation may come late: it takes nothing back.
  times.set(name, Math.max(now, times.get(name) ?? now))
  return 'revoked'
}

function covers(times: ReadonlyMap<string, number>, name: string | undefined, began: number): boolean {
  const at = name === undefined ? undefined : times.get(name)
  return at !== undefined && at >= began
}

/**
 * The earliest moment at which a session may have begun. A token that comes on record late, or again, is no younger for
 * it; one that does not say when it was issued began a lifetime before its end.
 */
function beganAt({ issuedAt, provenance, expiresAt }: Session, maxLifetimeSec: number): number {
  if (provenance?.isIssuedHere) return provenance.recordedAt
  return Math.floor(
    Math.min(issuedAt ?? expiresAt - maxLifetimeSec, provenance?.recordedAt ?? Number.POSITIVE_INFINITY),
  )
}

function forgetEnded(tokens: Map<string, number>, now: number): void {
  for (const [identity, expiresAt] of tokens) if (expiresAt <= now) tokens.delete(identity)
}

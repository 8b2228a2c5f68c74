import type { Revocation } from '../session/revocations.ts'
import { isDigest, isTime, requireDigest } from './ledger-record.ts'

/** A revocation, and when it was made. */
export interface DatedRevocation {
  readonly revocation: Revocation
  /** Seconds since the epoch; 0 for single tokens, which have an end instead. */
  readonly at: number
  /** Seconds since the epoch: from then on no session is left that it could end. */
  readonly endsAt: number
}

/** How long collective revocations are kept: longer than any token may live (`maxLifetimeSec` is at most a day). */
const collectiveLifetimeSec = 90_000

/** How far in the future a collective revocation may have been made, by a replica whose clock is fast. */
const clockSkewSec = 3600

/**
 * The one spelling of a revocation in a shared state, so that it can be compared as text.
 *
 * @throws TypeError for a token that is not given by its digest
 */
export function writeRevocation(revocation: Revocation, now: number): string {
  const at = Math.floor(now)
  if ('token' in revocation) return JSON.stringify(['token', requireDigest(revocation.token), revocation.expiresAt])
  if ('useCase' in revocation) return JSON.stringify(['useCase', revocation.useCase, at])
  if ('all' in revocation) return JSON.stringify(['all', at])
  return JSON.stringify(['authenticationToken', requireDigest(revocation.authenticationToken), at])
}

/**
 * @param now seconds since the epoch
 * @returns undefined for anything but a revocation in its one spelling, and for one of the future, which would end
 *   sessions that have not begun
 */
export function readRevocation(text: string, now: number): DatedRevocation | undefined {
  const parts = parseArray(text)
  const revocation = parts && toRevocation(parts)
  if (!parts || !revocation) return undefined
  const time = parts.at(-1)
  if (!isTime(time) || writeRevocation(revocation, time) !== text) return undefined
  if ('token' in revocation) return { revocation, at: 0, endsAt: revocation.expiresAt }
  return time > now + clockSkewSec ? undefined : { revocation, at: time, endsAt: time + collectiveLifetimeSec }
}

function toRevocation([kind, name, time]: readonly unknown[]): Revocation | undefined {
  if (kind === 'all') return { all: true }
  if (kind === 'token') return isDigest(name) && isTime(time) ? { token: name, expiresAt: time } : undefined
  if (kind === 'authenticationToken') return isDigest(name) ? { authenticationToken: name } : undefined
  return kind === 'useCase' && typeof name === 'string' && name.length <= 256 ? { useCase: name } : undefined
}

function parseArray(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

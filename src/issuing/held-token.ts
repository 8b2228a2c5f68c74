import type { Environment } from '../forage/environments.ts'
import { textDigest } from '../session/token-identity.ts'

/** Least life of a token that is worth using, in seconds: with less, one would follow the other. */
const leastLifeSec = 60

/** An authentication token of ours. Its text leaves this room for Forage only. */
export class HeldToken {
  readonly text: string
  readonly digest: string
  readonly fingerprint: string
  readonly useCase: string
  /** Seconds since the epoch. */
  readonly obtainedAt: number
  readonly expiresAt: number
  /** Issues that are under way with it. */
  inUse = 0
  /** When the last session that was issued from it is over, in seconds since the epoch. */
  sessionsEndAt: number = Number.NEGATIVE_INFINITY
  /** Its sessions are over: nothing may be issued from it, not even by an issue that is under way. */
  isRetired = false

  constructor(useCase: string, text: string, obtainedAt: number, expiresAt: number) {
    this.useCase = useCase
    this.text = text
    this.digest = textDigest(text)
    this.fingerprint = fingerprintOf(this.digest)
    this.obtainedAt = obtainedAt
    this.expiresAt = expiresAt
  }

  /** Whether it may be used at all: it is of our environment, letter by letter, and not over at once. */
  isFit(environment: Environment, now: number): boolean {
    return this.text.startsWith(`${environment}_`) && this.expiresAt >= now + leastLifeSec
  }

  isLive(now: number): boolean {
    return !this.isRetired && now < this.expiresAt
  }
}

/** What stands for an authentication token in logs: 96 bits of its digest. The token has 170 bits nobody knows. */
export function fingerprintOf(digest: string): string {
  return digest.slice(0, 16)
}

/** The digest of a token as it was sent: its environment in any case, since one SDK takes it in any case. */
export function digestOfSent(text: string): string {
  const border = text.indexOf('_') + 1
  return textDigest(text.slice(0, border).toLowerCase() + text.slice(border))
}

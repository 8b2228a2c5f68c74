import { type Environment, environments } from '../forage/environments.ts'
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

  /**
   * Why it may not be used at all: it must be of our environment, letter by letter, and not be over at once.
   *
   * @returns words for the log, with nothing of the token but the name of an environment; undefined: it may be used
   */
  unfitness(environment: Environment, now: number): string | undefined {
    if (!this.text.startsWith(`${environment}_`)) return `token ${prefixOf(this.text)}, environment is ${environment}`
    return this.expiresAt < now + leastLifeSec ? `token lives for less than ${leastLifeSec} s` : undefined
  }

  isLive(now: number): boolean {
    return !this.isRetired && now < this.expiresAt
  }
}

function prefixOf(text: string): string {
  const prefix = environments.find(name => text.startsWith(`${name}_`))
  return prefix ? `has the prefix ${prefix}_` : 'has no known prefix in lower case'
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

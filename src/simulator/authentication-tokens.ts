import type { Environment } from '../forage/environments.ts'
import type { DeterministicSource } from './deterministic-source.ts'

/** Most live authentication tokens that one client id and secret may hold. */
export const liveTokenLimit = 1000

/** A long-lived token of the merchant's server. */
export interface AuthenticationToken {
  /** Number that session tokens carry as claim `a`. */
  readonly id: number
  readonly token: string
  readonly scope: string
  /** Seconds since the epoch; the token is refused from this moment on. */
  readonly expiresAt: number
}

/** The authentication tokens that are alive. Removing one kills the session tokens that name it as their parent. */
export class AuthenticationTokens {
  readonly #byText = new Map<string, AuthenticationToken>()
  readonly #byId = new Map<number, AuthenticationToken>()
  readonly #environment: Environment
  readonly #source: DeterministicSource
  readonly #now: () => number
  #nextId = 1
  #mostLive = 0

  constructor(environment: Environment, source: DeterministicSource, now: () => number) {
    this.#environment = environment
    this.#source = source
    this.#now = now
  }

  /** @returns null when the client already holds {@link liveTokenLimit} live tokens */
  issue(scope: string, expiresInSec: number): AuthenticationToken | null {
    if (this.liveCount() >= liveTokenLimit) return null
    const token = `${this.#environment}_${this.#source.alphanumeric('authentication-token', 30)}`
    const issued = { id: this.#nextId++, token, scope, expiresAt: this.#now() + expiresInSec }
    this.#byText.set(token, issued)
    this.#byId.set(issued.id, issued)
    this.#mostLive = Math.max(this.#mostLive, this.#byText.size)
    return issued
  }

  /** How many were ever issued. */
  get issuedCount(): number {
    return this.#nextId - 1
  }

  /** Most that were alive at one time. */
  get mostLive(): number {
    return this.#mostLive
  }

  find(token: string): AuthenticationToken | undefined {
    return this.#live(this.#byText.get(token))
  }

  findById(id: number): AuthenticationToken | undefined {
    return this.#live(this.#byId.get(id))
  }

  /** Does nothing for a token that is not alive (RFC 7009 §2.2). */
  revoke(token: string): void {
    const known = this.#byText.get(token)
    if (known === undefined) return
    this.#byText.delete(token)
    this.#byId.delete(known.id)
  }

  /** Revokes the tokens that would expire first. */
  revokeOldest(count: number): void {
    this.liveCount()
    const oldestFirst = [...this.#byText.values()].sort((left, right) => left.expiresAt - right.expiresAt)
    for (const { token } of oldestFirst.slice(0, count)) this.revoke(token)
  }

  /** The texts of those that are alive, oldest first. */
  live(): readonly string[] {
    this.liveCount()
    return [...this.#byText.keys()]
  }

  /** Also forgets the tokens that have expired. */
  liveCount(): number {
    for (const known of this.#byText.values()) this.#live(known)
    return this.#byText.size
  }

  clear(): void {
    this.#byText.clear()
    this.#byId.clear()
    this.#nextId = 1
    this.#mostLive = 0
  }

  #live(known: AuthenticationToken | undefined): AuthenticationToken | undefined {
    if (known === undefined || known.expiresAt > this.#now()) return known
    this.revoke(known.token)
    return undefined
  }
}

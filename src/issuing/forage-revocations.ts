import type { ClientCredentials, ForageClient } from '../forage/forage-client.ts'
import { isForageFault } from '../forage/forage-fault.ts'
import { type BackOff, createBackOff } from './back-off.ts'
import type { HeldToken } from './held-token.ts'
import type { OnIssuingEvent } from './issuing-event.ts'

export interface ForageRevocationsOptions {
  readonly client: Pick<ForageClient, 'revokeAuthenticationToken'>
  readonly credentials: () => ClientCredentials
  /** Seconds since the epoch. */
  readonly now: () => number
  readonly random: () => number
  readonly onEvent: OnIssuingEvent
  /** Told when an attempt has ended. */
  readonly onChange: () => void
}

interface Entry {
  readonly token: HeldToken
  readonly backOff: BackOff
  retryAt: number
  underWay: Promise<void> | undefined
}

/** Tokens that are to be revoked at Forage: tried again until Forage has done it, or the token has expired. */
export class ForageRevocations {
  readonly #options: ForageRevocationsOptions
  readonly #entries = new Map<string, Entry>()

  constructor(options: ForageRevocationsOptions) {
    this.#options = options
  }

  /** Tokens that may still be live at Forage. */
  get size(): number {
    return this.#entries.size
  }

  /** The tokens that may still be live at Forage. */
  get tokens(): readonly HeldToken[] {
    return [...this.#entries.values()].map(({ token }) => token)
  }

  /** When the next attempt is due; infinite: none is. */
  get dueAt(): number {
    const idle = [...this.#entries.values()].filter(({ underWay }) => underWay === undefined)
    return Math.min(Number.POSITIVE_INFINITY, ...idle.map(({ retryAt }) => retryAt))
  }

  /** Begins at once. @returns when the first attempt has ended, whichever way */
  add(token: HeldToken): Promise<void> {
    const entry = { token, backOff: createBackOff(this.#options.random), retryAt: 0, underWay: undefined }
    this.#entries.set(token.digest, entry)
    return this.#attempt(entry)
  }

  /** Tries again what is due. */
  tick(): void {
    const now = this.#options.now()
    for (const [digest, entry] of this.#entries) {
      if (entry.token.expiresAt <= now) this.#entries.delete(digest)
      else if (entry.retryAt <= now) void this.#attempt(entry)
    }
  }

  /** Tries everything now, due or not, and waits for it. */
  async hurry(): Promise<void> {
    this.tick()
    await Promise.all([...this.#entries.values()].map(entry => this.#attempt(entry)))
  }

  #attempt(entry: Entry): Promise<void> {
    entry.underWay ??= this.#revoke(entry).finally(() => {
      entry.underWay = undefined
      this.#options.onChange()
    })
    return entry.underWay
  }

  async #revoke(entry: Entry): Promise<void> {
    const { client, credentials, now, onEvent } = this.#options
    const { text, digest, useCase, fingerprint } = entry.token
    const outcome = await client.revokeAuthenticationToken({ ...credentials(), token: text })
    if (isForageFault(outcome)) {
      const retryInSec = entry.backOff.next(outcome)
      entry.retryAt = now() + retryInSec
      onEvent({ kind: 'token_not_revoked', useCase, fingerprint, fault: outcome, retryInSec })
    } else {
      this.#entries.delete(digest)
      onEvent({ kind: 'token_revoked', useCase, fingerprint })
    }
  }
}

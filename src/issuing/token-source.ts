import type { ClientCredentials, ForageClient } from '../forage/forage-client.ts'
import { type ForageFault, isForageFault } from '../forage/forage-fault.ts'
import { type BackOff, createBackOff } from './back-off.ts'
import { HeldToken } from './held-token.ts'
import type { OnIssuingEvent } from './issuing-event.ts'

/** Asked before a request that Forage counts. Must not reject. */
export type Enter = () => Promise<'go' | { readonly retryAfterSec: number }>

export interface TokenSourceOptions {
  readonly useCase: string
  readonly client: Pick<ForageClient, 'createAuthenticationToken'>
  /** The client id and secret as they are now. */
  readonly credentials: () => ClientCredentials
  readonly lifetimeSec: number
  readonly oauthScope: string
  /** Seconds since the epoch. */
  readonly now: () => number
  readonly random: () => number
  readonly enter: Enter
  readonly onEvent: OnIssuingEvent
}

/** The longest that a failure is remembered, in seconds: a clock that was set back must not stretch it. */
const longestPauseSec = 3600

/** Asks Forage for authentication tokens, and after a failure not again before its time. */
export class TokenSource {
  readonly #options: TokenSourceOptions
  readonly #backOff: BackOff
  #failure: { readonly fault: ForageFault; readonly retryAt: number } | undefined

  constructor(options: TokenSourceOptions) {
    this.#options = options
    this.#backOff = createBackOff(options.random)
  }

  /** Seconds until it may be asked again; 0: now. */
  get pauseSec(): number {
    const left = (this.#failure?.retryAt ?? 0) - this.#options.now()
    return left > longestPauseSec ? 0 : Math.max(0, left)
  }

  /** The last failure, while nothing may be asked. */
  get failure(): ForageFault | undefined {
    const { pauseSec } = this
    return this.#failure && pauseSec > 0
      ? { ...this.#failure.fault, retryAfterSec: Math.max(1, Math.ceil(pauseSec)) }
      : undefined
  }

  forgetFailure(): void {
    this.#failure = undefined
    this.#backOff.reset()
  }

  /**
   * Failures are forgotten by whoever keeps the token, not here: one that is of no use would be asked for every second.
   *
   * @param hasWorkingToken whether sessions can be issued all the same
   */
  async request(hasWorkingToken: () => boolean): Promise<HeldToken | ForageFault> {
    const outcome = await this.#ask()
    return isForageFault(outcome) ? this.fail(outcome, hasWorkingToken()) : outcome
  }

  /**
   * Remembers a failure.
   *
   * @param detail what the fault does not say, in words without anything of a token but its environment
   * @returns it, with the seconds until the next attempt
   */
  fail(fault: ForageFault, hasWorkingToken: boolean, detail?: string): ForageFault {
    const { useCase, now, onEvent } = this.#options
    const retryInSec = this.#backOff.next(fault)
    this.#failure = { fault, retryAt: now() + retryInSec }
    const more = detail === undefined ? {} : { detail }
    onEvent({ kind: 'token_not_obtained', useCase, fault, retryInSec, hasWorkingToken, ...more })
    return { ...fault, retryAfterSec: Math.max(1, Math.ceil(retryInSec)) }
  }

  async #ask(): Promise<HeldToken | ForageFault> {
    const { useCase, client, credentials, oauthScope, lifetimeSec, now, enter } = this.#options
    const entered = await enter()
    if (entered !== 'go') return { fault: 'throttled', mayHaveTakenEffect: false, ...entered }
    const obtainedAt = now()
    const request = { ...credentials(), scope: oauthScope, expirationSec: lifetimeSec }
    const outcome = await client.createAuthenticationToken(request)
    if (isForageFault(outcome)) return outcome
    return new HeldToken(useCase, outcome.token, obtainedAt, outcome.expiresAt)
  }
}

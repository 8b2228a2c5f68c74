import type { Environment } from '../forage/environments.ts'
import type { ForageClient } from '../forage/forage-client.ts'
import { type ForageFault, isForageFault } from '../forage/forage-fault.ts'
import { ForageRevocations } from './forage-revocations.ts'
import type { HeldToken } from './held-token.ts'
import type { Timers } from './timers.ts'
import { TokenPair } from './token-pair.ts'
import { TokenSource, type TokenSourceOptions } from './token-source.ts'

export interface TokenHolderOptions extends Omit<TokenSourceOptions, 'client'> {
  readonly client: Pick<ForageClient, 'createAuthenticationToken' | 'revokeAuthenticationToken'>
  readonly environment: Environment
  readonly renewBeforeSec: number
  readonly timers: Timers
  /** Told of every token, before it is used. */
  readonly onToken: (token: HeldToken) => void
  /** Ends the sessions that were issued from a token. @returns whether that will be remembered */
  readonly endSessions: (token: HeldToken) => boolean
}

/** Forage may say only so often that a token is no good, in seconds: each time makes a new one. */
const refusalPauseSec = 60
/** Longest sleep, in seconds: Node's timers know no more than 24 days, and clocks are set. */
const longestSleepSec = 3600
const shortestSleepSec = 0.25

/** Nothing was asked for, since too many tokens may be live, or the gateway ends. */
const notAsked: ForageFault = { fault: 'unreachable', mayHaveTakenEffect: false }
const tooManyLive = 'two tokens may be live at Forage: none is asked for until one is revoked'

/**
 * The authentication tokens of one use case. One request for a token at a time, whoever waits for it; renewed while the
 * old one still works; and never a request while two may be live, counting those that Forage has not confirmed to be
 * revoked.
 */
export class TokenHolder {
  readonly #options: TokenHolderOptions
  readonly #source: TokenSource
  readonly #revocations: ForageRevocations
  readonly #pair: TokenPair
  #obtaining: Promise<ForageFault | undefined> | undefined
  #refusedAt = Number.NEGATIVE_INFINITY
  #isWanted = false
  #isClosed = false
  #cancelTimer: () => void = () => {}

  constructor(options: TokenHolderOptions) {
    this.#options = options
    this.#source = new TokenSource(options)
    this.#pair = new TokenPair(options.now)
    this.#revocations = new ForageRevocations({ ...options, onChange: () => this.#schedule() })
  }

  /** Gets a token ahead of need. */
  start(): void {
    this.#isWanted = true
    this.#tick()
  }

  /** A token to issue a session from, to be given back; or why there is none. */
  async take(): Promise<HeldToken | ForageFault> {
    this.#isWanted = true
    // A token may be retired in the moment in which it comes.
    for (let tries = 0; tries < 3; tries++) {
      const fault = this.#pair.usable ? undefined : await this.#obtain()
      if (fault) return fault
      const token = this.#pair.usable
      if (!token) continue
      token.inUse++
      return token
    }
    return notAsked
  }

  /** @param sessionEndsAt end of the session that was issued from it, if one was */
  giveBack(token: HeldToken, sessionEndsAt: number = Number.NEGATIVE_INFINITY): void {
    token.inUse--
    token.sessionsEndAt = Math.max(token.sessionsEndAt, sessionEndsAt)
  }

  /**
   * The tokens that match end now, with their sessions.
   *
   * @returns once Forage was told, and asked for another one: whether it has done both; undefined where none matches
   */
  async retire(matches: (token: HeldToken) => boolean): Promise<'replaced' | 'pending' | undefined> {
    const hit = this.#pair.live.filter(matches)
    if (hit.length === 0 && !this.#revocations.tokens.some(matches)) return undefined
    // One that ended before has its own times to be tried at: whoever has it could otherwise have Forage called at will.
    const told = hit.map(token => this.#end(token, 'told'))
    await Promise.all([...told, hit.length === 0 || this.#pair.usable ? undefined : this.#obtain()])
    const mayBeLive = this.#revocations.tokens.some(matches)
    return mayBeLive || !this.#pair.usable ? 'pending' : 'replaced'
  }

  /** Forage says that a token is no good. @returns whether it is worth trying another one */
  refuse(token: HeldToken): boolean {
    if (token.isRetired) return true
    const now = this.#options.now()
    if (Math.abs(now - this.#refusedAt) < refusalPauseSec) return false
    this.#refusedAt = now
    void this.#end(token, 'refused_by_forage')
    return true
  }

  /** Whoever changed the credentials wants to see them used. */
  forgetFailure(): void {
    this.#source.forgetFailure()
    this.#tick()
  }

  /**
   * @param sessionsOutlive whether sessions that were issued here are let in when this process is gone. Then the tokens
   *   that have live ones are left to expire; all others are revoked
   */
  async close(sessionsOutlive: boolean): Promise<void> {
    this.#isClosed = true
    this.#cancelTimer()
    await this.#obtaining
    const left = this.#pair.live.filter(token => sessionsOutlive && this.#pair.hasSessions(token))
    for (const token of this.#pair.live) if (!left.includes(token)) void this.#revocations.add(token)
    await this.#revocations.hurry()
    for (const { useCase, fingerprint, expiresAt } of [...left, ...this.#revocations.tokens])
      this.#options.onEvent({ kind: 'token_left_behind', useCase, fingerprint, expiresAt })
    this.#pair.clear()
  }

  /** Whether another token would be one too many. */
  get #isFull(): boolean {
    return this.#pair.live.length + this.#revocations.size > 1
  }

  #end(token: HeldToken, cause: 'told' | 'refused_by_forage'): Promise<void> {
    const { onEvent, endSessions } = this.#options
    const { useCase, fingerprint } = token
    token.isRetired = true
    if (!endSessions(token)) onEvent({ kind: 'revocation_not_remembered', useCase, fingerprint })
    onEvent({ kind: 'token_retired', useCase, fingerprint, cause })
    return this.#revocations.add(token)
  }

  #obtain(): Promise<ForageFault | undefined> {
    this.#obtaining ??= this.#request().finally(() => {
      this.#obtaining = undefined
      this.#schedule()
    })
    return this.#obtaining
  }

  async #request(): Promise<ForageFault | undefined> {
    if (this.#isClosed) return notAsked
    const { failure } = this.#source
    if (failure) return failure
    const hasWorkingToken = (): boolean => this.#pair.usable !== undefined
    if (this.#isFull) await this.#revocations.hurry()
    if (this.#isFull) return this.#source.fail(notAsked, hasWorkingToken(), tooManyLive)
    const outcome = await this.#source.request(hasWorkingToken)
    if (isForageFault(outcome)) return outcome
    const unfitness = outcome.unfitness(this.#options.environment, this.#options.now())
    if (unfitness === undefined) return this.#adopt(outcome)
    // Of no use here, and nobody else knows it.
    void this.#revocations.add(outcome)
    return this.#source.fail({ fault: 'invalid_answer', mayHaveTakenEffect: true }, hasWorkingToken(), unfitness)
  }

  #adopt(token: HeldToken): undefined {
    const { renewBeforeSec, random, onToken, onEvent } = this.#options
    const { useCase, fingerprint, obtainedAt, expiresAt } = token
    this.#source.forgetFailure()
    onToken(token)
    // Replicas that started together do not renew together. A token that Forage gives less life than was asked for is
    // kept for half of it, at least.
    const beforeSec = renewBeforeSec * (1 - random() / 10)
    const replaced = this.#pair.adopt(token, Math.max(expiresAt - beforeSec, (obtainedAt + expiresAt) / 2))
    onEvent({ kind: 'token_obtained', useCase, fingerprint, expiresAt })
    if (replaced) onEvent({ kind: 'token_replaced', useCase, fingerprint: replaced.fingerprint })
  }

  #tick(): void {
    if (this.#isClosed) return
    this.#revocations.tick()
    const dropped = this.#pair.dropOutgoing()
    if (dropped) void this.#revocations.add(dropped)
    if (this.#obtainDueAt <= this.#options.now()) void this.#obtain()
    this.#schedule()
  }

  /** When a token is asked for next; infinite: nobody wants one, it is under way, or there is no room. */
  get #obtainDueAt(): number {
    if (!this.#isWanted || this.#obtaining || (this.#pair.usable && this.#isFull)) return Number.POSITIVE_INFINITY
    return Math.max(this.#pair.renewAt, this.#options.now() + this.#source.pauseSec)
  }

  #schedule(): void {
    this.#cancelTimer()
    if (this.#isClosed) return
    const { now, timers } = this.#options
    const dueAt = Math.min(this.#revocations.dueAt, this.#pair.outgoingDueAt, this.#obtainDueAt)
    const sleepSec = Math.min(Math.max(dueAt - now(), shortestSleepSec), longestSleepSec)
    this.#cancelTimer = timers.after(sleepSec * 1000, () => this.#tick())
  }
}

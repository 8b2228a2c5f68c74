import type { Policy } from '../gate/policy.ts'
import { effectOf, type Foresight, foresee, type ReplayEffect } from '../gate/policy-replay.ts'
import type { Reason } from '../gate/reasons.ts'
import type { OtherLine, ReplayedRequest } from './replay-line.ts'

/** Why nothing is said about a line. */
export type NotJudged = OtherLine | 'no_route'

/** Requests of which the same was said. */
export interface ReplayGroup {
  readonly method: string
  readonly template: string | undefined
  readonly useCase: string | undefined
  /** Undefined: they were let in. */
  readonly reasonThen: Reason | undefined
  readonly now: Foresight
  readonly effect: Exclude<ReplayEffect, 'unknown'>
  lines: number
}

/** Names in a log may be anybody's: no more groups than these are kept, of whatever file. */
const maxGroups = 10_000

/** What is known of a log so far. Its size does not grow with the log. */
export class ReplayTally {
  readonly #policy: Policy
  readonly #digest: string
  readonly #groups = new Map<string, ReplayGroup>()
  readonly #notJudged = new Map<NotJudged, number>()
  readonly #effects = { same: 0, refused: 0, perhaps_refused: 0, perhaps_allowed: 0 }
  #lines = 0
  #requests = 0
  #ofThisPolicy = 0
  #sampled = 0
  #leftOut = 0

  /** @param digest of the policy: lines that name it were decided by it */
  constructor(policy: Policy, digest: string) {
    this.#policy = policy
    this.#digest = digest
  }

  add(line: ReplayedRequest | OtherLine): void {
    this.#lines++
    if (typeof line === 'string') this.#skip(line)
    else this.#judge(line)
  }

  #judge(line: ReplayedRequest): void {
    this.#requests++
    if (line.isSampled) this.#sampled++
    const isOfThisPolicy = line.policy === this.#digest
    if (isOfThisPolicy) this.#ofThisPolicy++
    const now = isOfThisPolicy ? asThen(line) : foresee(this.#policy, line)
    const effect = effectOf(line.wasAllowed, now)
    if (effect !== 'unknown') {
      this.#effects[effect]++
      this.#count(line, now, effect)
    } else this.#skip(now.outcome === 'no_route' ? 'no_route' : 'not_understood')
  }

  #skip(why: NotJudged): void {
    this.#notJudged.set(why, (this.#notJudged.get(why) ?? 0) + 1)
  }

  #count({ method, template, useCase, reason }: ReplayedRequest, now: Foresight, effect: ReplayGroup['effect']): void {
    const nowReason = now.outcome === 'deny' ? now.reason : ''
    const key = [method, template, useCase, reason, now.outcome, nowReason].join('\n')
    const group = this.#groups.get(key)
    if (group) group.lines++
    else if (this.#groups.size < maxGroups)
      this.#groups.set(key, { method, template, useCase, reasonThen: reason, now, effect, lines: 1 })
    else this.#leftOut++
  }

  /** Most serious first, then most frequent. */
  get groups(): readonly ReplayGroup[] {
    const order = ['refused', 'perhaps_refused', 'perhaps_allowed', 'same']
    const rank = ({ effect }: ReplayGroup): number => order.indexOf(effect)
    return [...this.#groups.values()].sort((one, other) => rank(one) - rank(other) || other.lines - one.lines)
  }

  get notJudged(): ReadonlyMap<NotJudged, number> {
    return this.#notJudged
  }

  /** Lines by what the policy would mean for them. */
  get effects(): Readonly<Record<ReplayGroup['effect'], number>> {
    return this.#effects
  }

  get lines(): number {
    return this.#lines
  }

  /** Lines about requests that a policy decided about, whether or not they can be judged. */
  get requests(): number {
    return this.#requests
  }

  /** Lines that this very policy decided about: nothing can change for them. */
  get ofThisPolicy(): number {
    return this.#ofThisPolicy
  }

  /** Lines that stand for others, too. */
  get sampled(): number {
    return this.#sampled
  }

  /** Lines of groups that there was no room for. */
  get leftOut(): number {
    return this.#leftOut
  }

  /** Whether nothing would, or might, change for what can be judged. */
  get isSame(): boolean {
    const { refused, perhaps_refused: perhapsRefused, perhaps_allowed: perhapsAllowed } = this.#effects
    return refused + perhapsRefused + perhapsAllowed === 0
  }
}

function asThen({ reason }: ReplayedRequest): Foresight {
  return reason === undefined ? { outcome: 'allow' } : { outcome: 'deny', reason }
}

import { methodIndexOf, methodLabels, routeLabelOf } from '../observability/metrics-labels.ts'
import type { RequestStory } from '../observability/request-story.ts'
import { type Verdict, verdictOf } from '../observability/verdict.ts'

/**
 * One request, for whoever watches. An allow-list like the one of the access log, and shorter: it is read without a token,
 * so that it names no client and holds nothing that a client wrote.
 */
export interface LiveDecision {
  /** Milliseconds since the epoch. */
  readonly time: number
  /** One of the methods that HTTP has, or `other`. */
  readonly method: string
  /** Template, never the path. */
  readonly route: string
  readonly status: number
  readonly decision: Verdict
  readonly reason: string | null
  /** Why it would have been refused if the policy did not just report it. */
  readonly would_deny: string | null
  readonly scope: string | null
  readonly use_case: string | null
  readonly duration_ms: number
  /** Keyed fingerprint of the session token. */
  readonly session: string | null
}

/** A decision, and its number in the order in which they were heard of. */
export interface NumberedDecision extends LiveDecision {
  readonly number: number
}

export function liveDecisionOf(story: RequestStory, time: number): LiveDecision {
  const { decision } = story
  const judged = decision?.outcome === 'allow' || decision?.outcome === 'deny' ? decision : undefined
  return {
    time,
    method: methodLabels[methodIndexOf(story.method)] as string,
    route: routeLabelOf(story),
    status: story.status,
    decision: verdictOf(story),
    reason: story.reason ?? null,
    would_deny: (decision?.outcome === 'allow' && decision.wouldDeny) || null,
    scope: judged?.route?.scope ?? null,
    use_case: story.useCase ?? judged?.session?.provenance?.useCase ?? null,
    duration_ms: Math.round(story.durationMs * 100) / 100,
    session: judged?.session?.fingerprint ?? null,
  }
}

/** The last decisions: so many, and no more. */
export class DecisionRing {
  readonly #size: number
  readonly #slots: NumberedDecision[] = []
  #last = 0

  /** @param size default 200 */
  constructor(size = 200) {
    this.#size = size
  }

  /** Number of the newest; 0: there was none yet. */
  get last(): number {
    return this.#last
  }

  add(decision: LiveDecision): void {
    const number = ++this.#last
    this.#slots[number % this.#size] = { number, ...decision }
  }

  /** Those that came after the one of that number, oldest first, as far as they are still held. */
  after(number: number): readonly NumberedDecision[] {
    const first = Math.max(number, this.#last - this.#size, 0) + 1
    const count = Math.max(0, this.#last - first + 1)
    return Array.from({ length: count }, (_, index) => this.#slots[(first + index) % this.#size] as NumberedDecision)
  }
}

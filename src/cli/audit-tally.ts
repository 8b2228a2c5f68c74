import type { AuditLine } from '../observability/audit-line.ts'

/** A line, as a summary names it. */
export interface NamedLine {
  readonly seq: number
  readonly time: string
  readonly hash: string
}

/** Most policies that are told apart. */
const maxPolicies = 100
const otherPolicies = 'others'

/** What a trail consists of. */
export class Tally {
  lines = 0
  first: NamedLine | undefined
  last: NamedLine | undefined
  /** Lines by the policy they were written under. */
  readonly policies: Map<string, number> = new Map()
  /** Chains that began, with `--restarts`. */
  restarts = 0
  /** Lines that the gateway itself says it lost, and writes that it says broke off. */
  lost = 0
  cuts = 0

  count({ seq, time, hash, policy }: AuditLine): void {
    this.lines++
    this.first ??= { seq, time, hash }
    const isKnown = this.policies.has(policy) || this.policies.size < maxPolicies
    const name = isKnown ? policy : otherPolicies
    this.policies.set(name, (this.policies.get(name) ?? 0) + 1)
  }

  /** The line that the next one has to go on from. */
  reach({ seq, time, hash }: AuditLine): void {
    this.last = { seq, time, hash }
  }
}

import type { AuditLine } from '../observability/audit-line.ts'

/** What the gateway says it lost. */
export interface Loss {
  readonly lost: number
  /** Whether these lines had got sequence numbers, which are missing now. */
  readonly isNumbered: boolean
}

/** Reads what the gateway says of lines that it lost. A line that says so may be lost too: the total makes up for it. */
export class LostLines {
  #chain = ''
  #total = 0

  read({ chain, seq, event, members }: AuditLine): Loss | undefined {
    const { lost, total, numbered } = members
    // Before the first line of a chain nothing was lost that had a number.
    if (seq === 1) [this.#chain, this.#total] = [chain, 0]
    if (event !== 'audit_lines_lost' || !isCount(lost) || !isCount(total)) return undefined
    const isNumbered = numbered === true
    const isSinceLast = isNumbered && chain === this.#chain && total > this.#total
    const loss = { lost: isSinceLast ? total - this.#total : lost, isNumbered }
    this.#chain = chain
    this.#total = total
    return loss
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

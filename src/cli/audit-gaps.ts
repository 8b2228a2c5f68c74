import type { AuditLine } from '../observability/audit-line.ts'
import type { Finding, Findings, SeqRange } from './audit-findings.ts'

/** Sequence numbers that have not been met where they belong. */
export interface Gap extends SeqRange {
  readonly chain: string
  /** Hash of the line before, and what the line after holds as the hash of the one before it; undefined: not known. */
  readonly after: string | undefined
  readonly before: string | undefined
  /** Undefined for what comes before the first line of all: that may be in an earlier file. */
  readonly finding: Finding | undefined
  /** More was missing than the gateway says it lost: what it says later is of later losses. */
  isUnexcused?: boolean
}

/** Most gaps that are remembered, for lines that turn up later. */
const maxGaps = 1000

/** Lines that are missing so far. */
export class Gaps {
  readonly #findings: Findings
  #open: Gap[] = []

  constructor(findings: Findings) {
    this.#findings = findings
  }

  open(gap: Gap): void {
    if (this.#open.length < maxGaps && gap.from <= gap.to) this.#open.push(gap)
  }

  /**
   * A line that stands elsewhere is not missing.
   *
   * @returns whether it fits into the gap; undefined when it is missing nowhere
   */
  fill(line: AuditLine): boolean | undefined {
    const { chain, seq, hash, previous } = line
    const gap = this.#open.find(({ chain: of, from, to }) => of === chain && from <= seq && seq <= to)
    if (!gap) return undefined
    const lower: Gap = { ...gap, to: seq - 1, before: previous }
    const isUpperEmpty = seq === gap.to
    const upper: Gap = { ...gap, from: seq + 1, after: hash, finding: this.#split(gap, seq) }
    this.#open = this.#open.filter(other => other !== gap)
    this.open(lower)
    this.open(upper)
    const fitsBelow = seq > gap.from || gap.after === undefined || gap.after === previous
    return fitsBelow && (!isUpperEmpty || gap.before === undefined || gap.before === hash)
  }

  /** The gateway accounts for lines that it lost itself: unless more are missing, that is what became of them. */
  account(chain: string, lost: number): void {
    const open = this.#open.filter(gap => gap.chain === chain && gap.finding && !gap.isUnexcused)
    const missing = open.reduce((sum, { from, to }) => sum + to - from + 1, 0)
    if (missing > lost) {
      for (const gap of open) gap.isUnexcused = true
      return
    }
    for (const { finding } of open) if (finding) this.#findings.remove(finding)
    this.#open = this.#open.filter(gap => !open.includes(gap))
  }

  /** Takes a sequence number out of what a gap's finding says. @returns the finding of what is missing after it */
  #split({ finding, from, to }: Gap, seq: number): Finding | undefined {
    if (!finding) return undefined
    if (from === to) {
      // What stands in its place is still no line.
      if (finding.kind === 'missing') this.#findings.remove(finding)
      else finding.seq = undefined
      return undefined
    }
    if (seq === from) finding.seq = { from: seq + 1, to }
    else finding.seq = { from, to: seq - 1 }
    return seq === from || seq === to ? finding : this.#findings.add('missing', finding.place, { from: seq + 1, to })
  }
}

import { AuditCut } from '../observability/audit-cut.ts'
import type { AuditLine } from '../observability/audit-line.ts'
import type { FindingKind, Place } from './audit-findings.ts'
import type { TextLine } from './audit-read-lines.ts'

/** Lines, one after the other, that are none of a trail: until the next line tells, they may be what a write left. */
export class Junk {
  readonly place: Place
  readonly #cut = new AuditCut()
  #lines = 0
  #isEnded = true
  #isOverlong = false

  constructor(place: Place) {
    this.place = place
  }

  get lines(): number {
    return this.#lines
  }

  get kind(): FindingKind {
    if (this.#isOverlong) return 'overlong'
    return this.#isEnded ? 'unreadable' : 'half_line'
  }

  add({ octets, isEnded, isOverlong }: TextLine): void {
    this.#cut.add(octets)
    this.#lines++
    this.#isEnded = isEnded
    this.#isOverlong ||= isOverlong
  }

  /** Whether the gateway tells of just this in the line after. */
  isToldBy({ event, members }: AuditLine): boolean {
    return (
      !this.#isOverlong &&
      event === cutEvent &&
      members.octets === this.#cut.octets &&
      members.digest === this.#cut.digest()
    )
  }
}

/** Event by which the gateway tells of a write that broke off. */
export const cutEvent = 'audit_line_cut'

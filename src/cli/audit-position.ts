import type { AuditLine } from '../observability/audit-line.ts'
import type { Finding } from './audit-findings.ts'

/** Where a trail is followed to. */
export interface Position {
  readonly chain: string
  readonly seq: number
  /** Hashes of which the next line has to hold one: of several lines that claim this place, one was put in. */
  readonly hashes: string[]
  /** Whether the line at this place was changed: then its sequence number is a guess, and its hash may be wrong. */
  readonly isUnsure: boolean
  /** Then also: what was said of it, and the last place that is sure. */
  readonly finding?: Finding
  readonly sureBefore?: Position | undefined
}

export function positionOf({ chain, seq, hash }: AuditLine): Position {
  return { chain, seq, hashes: [hash], isUnsure: false }
}

/** The place of a changed line. @param seq the one it must have had, if it stands where it was written */
export function unsure(line: AuditLine, seq: number, finding: Finding, last: Position | undefined): Position {
  const { sureBefore, hashes } = last?.isUnsure ? last : { sureBefore: last, hashes: [] }
  const claimed = [...hashes, line.hash].slice(-8)
  return { chain: last?.chain ?? line.chain, seq, hashes: claimed, isUnsure: true, finding, sureBefore }
}

/** Whether a line goes on from there. */
export function fits({ chain, seq, previous }: AuditLine, position: Position): boolean {
  return chain === position.chain && seq === position.seq + 1 && position.hashes.includes(previous)
}

/** Whether a line goes on from a changed one: as if that one stood in its place, or as if it did not stand there at all. */
export function isNextToUnsure(line: AuditLine, { isUnsure, sureBefore, finding, ...position }: Position): boolean {
  if (!isUnsure) return false
  if (sureBefore && fits(line, sureBefore)) {
    if (finding) [finding.kind, finding.seq] = ['inserted', undefined]
    return true
  }
  // Where the first line of all was changed, what it says of its chain may be what was changed.
  const isSameChain = line.chain === position.chain || !sureBefore
  return (isSameChain && line.seq === position.seq + 1) || position.hashes.includes(line.previous)
}

import { type AuditLine, isCanonical, noHash, readAuditLine } from '../observability/audit-line.ts'
import { type Finding, Findings, type Place, type SeqRange } from './audit-findings.ts'
import { Gaps } from './audit-gaps.ts'
import { cutEvent, Junk } from './audit-junk.ts'
import type { CheckHash } from './audit-keys.ts'
import { LostLines } from './audit-lost-lines.ts'
import { fits, isNextToUnsure, type Position, positionOf, unsure } from './audit-position.ts'
import type { TextLine } from './audit-read-lines.ts'
import { Tally } from './audit-tally.ts'

export interface AuditVerificationOptions {
  readonly checkHash: CheckHash
  /** Whether chains may begin anew. Default: that is a finding. */
  readonly acceptsRestarts?: boolean
  /** Hash that some line has to have. */
  readonly expectedLast?: string | undefined
}

/**
 * Checks the lines of a trail one after the other, as they stand in its files. Each break is one finding: after it the
 * trail is followed again from where it goes on.
 */
export class AuditVerification {
  readonly findings: Findings = new Findings()
  readonly tally: Tally = new Tally()
  readonly #options: AuditVerificationOptions
  readonly #gaps = new Gaps(this.findings)
  readonly #lost = new LostLines()
  #position: Position | undefined
  #junk: Junk | undefined
  #isExpectedMet = false
  #place: Place = { file: '-', line: 0 }

  constructor(options: AuditVerificationOptions) {
    this.#options = options
  }

  add(text: TextLine, place: Place): void {
    this.#place = place
    const line = readAuditLine(text.octets)
    if (line) {
      this.#addLine(line)
      return
    }
    this.#junk ??= new Junk(place)
    this.#junk.add(text)
  }

  /** Call it after the last line. */
  end(): void {
    this.#reportJunk()
    if (this.tally.lines === 0) this.findings.add('empty', this.#place)
    const { expectedLast } = this.#options
    if (expectedLast !== undefined && !this.#isExpectedMet) this.findings.add('end_missing', this.#place)
  }

  #addLine(line: AuditLine): void {
    this.tally.count(line)
    if (line.hash === this.#options.expectedLast) this.#isExpectedMet = true
    const fault = this.#options.checkHash(line)
    if (fault === 'changed') {
      this.#addChanged(line)
      return
    }
    this.#explainJunk(line)
    if (fault) this.findings.extend(fault, this.#place, line.seq)
    else if (!isCanonical(line)) this.findings.extend('respelled', this.#place, line.seq)
    if (!this.#isNext(line)) return
    this.#position = positionOf(line)
    this.tally.reach(line)
    this.#readLoss(line)
  }

  /** Nothing that it says can be relied on, its sequence number and its hash included. */
  #addChanged(line: AuditLine): void {
    this.#reportJunk()
    const seq = this.#position ? this.#position.seq + 1 : line.seq
    const finding = this.findings.extend('changed', this.#place, seq)
    this.#position = unsure(line, seq, finding, this.#position)
    this.tally.reach({ ...line, seq })
  }

  /** Follows the trail to a line. @returns whether it goes on from there */
  #isNext(line: AuditLine): boolean {
    const position = this.#position
    if (!position) this.#begin(line)
    else if (!fits(line, position) && !isNextToUnsure(line, position)) return this.#relocate(line, position)
    this.#reportJunk()
    return true
  }

  #begin({ chain, seq, previous }: AuditLine): void {
    if (seq === 1 && previous !== noHash) this.findings.add('replaced', this.#place, { from: seq, to: seq })
    this.#gaps.open({ chain, from: 1, to: seq - 1, after: undefined, before: previous, finding: undefined })
  }

  /** The line does not go on from the one before. @returns whether the trail goes on from it all the same */
  #relocate(line: AuditLine, position: Position): boolean {
    const { chain, seq } = line
    if (chain === position.chain && seq > position.seq + 1) {
      this.#openGap(line, position)
      return true
    }
    this.#reportJunk()
    if (chain !== position.chain) this.#changeChain(line)
    else if (seq === position.seq + 1) this.findings.add('replaced', this.#place, { from: seq, to: seq })
    else this.#goBack(line, position)
    return chain !== position.chain || seq === position.seq + 1
  }

  #openGap({ chain, seq, previous }: AuditLine, position: Position): void {
    const missing = { from: position.seq + 1, to: seq - 1 }
    // What cannot be read stands where lines are missing: that is one break, not two.
    const finding = this.#reportJunk(missing) ?? this.findings.add('missing', this.#place, missing)
    const after = position.isUnsure ? undefined : position.hashes[0]
    this.#gaps.open({ chain, ...missing, after, before: previous, finding })
  }

  #changeChain({ seq, previous }: AuditLine): void {
    const isBeginning = seq === 1 && previous === noHash
    if (isBeginning && this.#options.acceptsRestarts) this.tally.restarts++
    else this.findings.add(isBeginning ? 'new_chain' : 'other_chain', this.#place, { from: seq, to: seq })
  }

  /** A line that should have come before: from another place, or a second one. The trail goes on from where it was. */
  #goBack(line: AuditLine, position: Position): void {
    const { seq } = line
    const isFitting = this.#gaps.fill(line)
    this.findings.extend(isFitting === undefined ? 'inserted' : 'reordered', this.#place, seq)
    if (isFitting === false) this.findings.add('replaced', this.#place, { from: seq, to: seq })
    // Which of two lines is the one that was put in is seen by what the next one goes on from.
    if (seq === position.seq && position.hashes.length < 8) position.hashes.push(line.hash)
  }

  /** A write that broke off is no finding where the next line tells of it. */
  #explainJunk(line: AuditLine): void {
    if (line.event !== cutEvent) return
    if (this.#junk?.isToldBy(line)) {
      this.#junk = undefined
      this.tally.cuts++
    } else if (!this.#junk && this.#position) {
      this.findings.add('cut_missing', this.#place, { from: line.seq, to: line.seq })
    }
  }

  #reportJunk(missing?: SeqRange): Finding | undefined {
    if (!this.#junk) return undefined
    const finding = this.findings.add(this.#junk.kind, this.#junk.place, missing)
    finding.lines = this.#junk.lines
    this.#junk = undefined
    return finding
  }

  /** The gateway accounts for what it lost. Lines that had got no number leave no hole, and excuse none. */
  #readLoss(line: AuditLine): void {
    const loss = this.#lost.read(line)
    if (!loss) return
    this.tally.lost += loss.lost
    if (loss.isNumbered) this.#gaps.account(line.chain, loss.lost)
  }
}

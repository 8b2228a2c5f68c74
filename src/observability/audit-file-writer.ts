import { closeSync, fstatSync, fsyncSync } from 'node:fs'
import { AuditCut } from './audit-cut.ts'
import type { AuditEvent } from './audit-event.ts'
import { append, codeOf, openAuditFile, readFileEnd } from './audit-file.ts'
import type { AuditEnd } from './audit-line.ts'
import type { AuditCounts, AuditWriter, AuditWriterParts } from './audit-writer.ts'

/**
 * Appends lines to a regular file, each with one write, and goes on from the last line in it. A line that could not be
 * written is lost, not the request; it takes no sequence number, and what was written of it is told in the next line.
 */
export class AuditFileWriter implements AuditWriter {
  readonly #path: string
  readonly #parts: AuditWriterParts
  readonly #cut = new AuditCut()
  #fd: number
  #size = 0
  #lacksLineEnd = false
  #written = 0
  #lost = 0
  #toldLost = 0
  #isFaulty = false

  constructor(path: string, fd: number, parts: AuditWriterParts) {
    this.#path = path
    this.#fd = fd
    this.#parts = parts
    const end = this.#look()
    if (end) parts.chain.goOn(end)
  }

  write(event: AuditEvent): void {
    const fault = this.#tryToWrite(event)
    if (fault === undefined) {
      this.#written++
    } else {
      this.#lost++
      if (!this.#isFaulty) this.#parts.onFault(fault)
    }
    this.#isFaulty = fault !== undefined
  }

  reopen(): void {
    const next = openAuditFile(this.#path)
    const isSame = isSameFile(next, this.#fd)
    closeSync(isSame ? next : this.#fd)
    if (isSame) return
    this.#fd = next
    this.#adopt(this.#look())
    // At once: a file without a line would not tell a process that begins now where the chain stands.
    this.write({ event: 'audit_reopened', time: this.#parts.now() })
  }

  /** Every line is with the system already. */
  flush(): void {}

  async close(): Promise<void> {
    const fd = this.#fd
    // What comes now is lost: the number may soon be another file's.
    this.#fd = -1
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  }

  counts(): AuditCounts {
    return { written: this.#written, lost: this.#lost }
  }

  /** @returns the system's code where the line is lost */
  #tryToWrite(event: AuditEvent): string | undefined {
    try {
      this.#catchUp()
      return this.#settle() ?? this.#put(event)
    } catch (error) {
      return codeOf(error)
    }
  }

  /** Tells what is still to be told before the next event. */
  #settle(): string | undefined {
    const time = this.#parts.now()
    if (this.#cut.octets > 0) {
      const cut = { octets: this.#cut.octets, digest: this.#cut.digest() }
      const fault = this.#put({ event: 'audit_line_cut', time, ...cut })
      if (fault !== undefined) return fault
      this.#cut.clear()
    }
    const [lost, total] = [this.#lost - this.#toldLost, this.#lost]
    if (lost === 0) return undefined
    const fault = this.#put({ event: 'audit_lines_lost', time, lost, total, numbered: false })
    if (fault === undefined) this.#toldLost = total
    return fault
  }

  #put(event: AuditEvent): string | undefined {
    const { line, end } = this.#parts.chain.next(event)
    if (this.#lacksLineEnd) {
      const { octets, fault } = this.#append(Buffer.from('\n'))
      this.#lacksLineEnd = octets === 0
      if (fault !== undefined) return fault
    }
    const text = Buffer.from(`${line}\n`)
    const { octets, fault } = this.#append(text)
    this.#lacksLineEnd = octets > 0 && octets < text.length
    // A line whose end alone is missing is one.
    if (octets >= text.length - 1) this.#parts.chain.goOn(end)
    else this.#cut.add(text.subarray(0, octets))
    return octets >= text.length - 1 ? undefined : fault
  }

  #append(octets: Buffer) {
    const appended = append(this.#fd, octets)
    this.#size += appended.octets
    return appended
  }

  /**
   * Looks whether somebody else has written meanwhile: the gateway that takes this one's place writes to the same file
   * while this one drains. A file that was cut to be used again (`copytruncate`) begins with the next line.
   */
  #catchUp(): void {
    const { size } = fstatSync(this.#fd)
    if (size === this.#size) return
    // What was cut off before is told of by the other, unless it still stands at the end.
    if (size > this.#size) this.#cut.clear()
    this.#adopt(this.#look())
  }

  /** Goes on from what somebody else has written, where it goes on from what was written here. */
  #adopt(end: AuditEnd | undefined): void {
    const { chain } = this.#parts
    if (end && end.chain === chain.end.chain && end.seq > chain.end.seq) chain.goOn(end)
  }

  /** Reads how the file ends. */
  #look() {
    const { size, end, rest, lacksLineEnd } = readFileEnd(this.#fd)
    this.#size = size
    this.#lacksLineEnd = lacksLineEnd
    this.#cut.add(rest)
    return end
  }
}

function isSameFile(a: number, b: number): boolean {
  const [one, other] = [fstatSync(a), fstatSync(b)]
  return one.dev === other.dev && one.ino === other.ino
}

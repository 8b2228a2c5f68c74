import type { AuditEvent } from './audit-event.ts'
import type { AuditCounts, AuditWriter, AuditWriterParts } from './audit-writer.ts'
import type { LogDestination } from './log-destination.ts'

/**
 * Writes lines to what is no regular file, such as a pipe, where they are held until somebody reads. Nothing can be read
 * back from there, so each process begins a chain of its own; and a line is known to be lost only after the chain has gone
 * on from it, so the lost ones leave a hole in the sequence numbers that the next line accounts for.
 */
export class AuditStreamWriter implements AuditWriter {
  readonly #destination: LogDestination
  readonly #parts: AuditWriterParts
  #passed = 0
  #toldLost = 0
  #isFaulty = false

  constructor(destination: LogDestination, parts: AuditWriterParts) {
    this.#destination = destination
    this.#parts = parts
  }

  write(event: AuditEvent): void {
    const total = this.#destination.lost()
    const lost = total - this.#toldLost
    if (lost > 0) {
      if (!this.#isFaulty) this.#parts.onFault('unknown error')
      this.#toldLost = total
      this.#put({ event: 'audit_lines_lost', time: this.#parts.now(), lost, total, numbered: true })
    }
    this.#isFaulty = lost > 0
    this.#put(event)
  }

  reopen(): void {
    this.#destination.reopen()
  }

  flush(): void {
    this.#destination.flush()
  }

  close(): Promise<void> {
    return this.#destination.drain()
  }

  counts(): AuditCounts {
    const lost = this.#destination.lost()
    return { written: this.#passed - lost, lost }
  }

  #put(event: AuditEvent): void {
    const { line, end } = this.#parts.chain.next(event)
    this.#destination.write(`${line}\n`)
    this.#passed++
    this.#parts.chain.goOn(end)
  }
}

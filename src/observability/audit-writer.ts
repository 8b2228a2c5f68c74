import type { AuditChain } from './audit-chain.ts'
import type { AuditEvent } from './audit-event.ts'

/** What a writer of lines needs. */
export interface AuditWriterParts {
  readonly chain: AuditChain
  /** Seconds since the epoch. */
  readonly now: () => number
  /** Told once when lines begin to be lost. @param code the system's, such as `ENOSPC` */
  readonly onFault: (code: string) => void
}

/** Writes events to where they go. */
export interface AuditWriter {
  write(event: AuditEvent): void
  /** Opens the destination again, after it was moved. */
  reopen(): void
  flush(): void
  close(): Promise<void>
  counts(): AuditCounts
}

/** Lines since the process began. */
export interface AuditCounts {
  readonly written: number
  readonly lost: number
}

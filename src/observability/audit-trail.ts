import { randomBytes } from 'node:crypto'
import { fstatSync } from 'node:fs'
import { GatewayError } from '../gateway-error.ts'
import { createAuditChain } from './audit-chain.ts'
import type { AuditEvent } from './audit-event.ts'
import { codeOf, openAuditFile } from './audit-file.ts'
import { AuditFileWriter } from './audit-file-writer.ts'
import { createAuditHash } from './audit-hash.ts'
import type { AuditEnd } from './audit-line.ts'
import { AuditStreamWriter } from './audit-stream-writer.ts'
import type { AuditCounts, AuditWriter, AuditWriterParts } from './audit-writer.ts'
import { openLogDescriptor } from './log-descriptor.ts'
import { createLogDestination } from './log-destination.ts'

export interface AuditTrailOptions {
  /** `stdout`, `stderr`, or an absolute path that is appended to. */
  readonly destination: string
  /** Of the policy in force. */
  readonly policyDigest: () => string
  /** The configuration in force. */
  readonly configGeneration: () => number
  /** With it lines are hashed by HMAC: who does not hold it cannot make a chain that holds. Default: none. */
  readonly key?: Uint8Array | undefined
  /** Seconds since the epoch. Default: the system clock. */
  readonly now?: () => number
  /** Default: the system's. */
  readonly random?: (octets: number) => Uint8Array
  /**
   * Told once when lines begin to be lost, or the destination cannot be opened again. Default: nobody.
   *
   * @param code the system's, such as `ENOSPC`
   */
  readonly onFault?: (code: string) => void
}

/** The audit trail. No member throws. There is one for each destination: other processes send their events to its. */
export interface AuditTrail {
  /** Writes an event; waits for no longer than a regular file takes to append to. */
  record(event: AuditEvent): void
  /** Opens the destination again, after a rotation. The chain goes on in the new file. */
  reopen(): void
  /** Writes what is held for a reader that is slow; it gets that when it reads. To a file every line is written at once. */
  flush(): void
  /** The end: resolves when what is held is written or lost, after a second at the latest. Later events are lost. */
  close(): Promise<void>
  counts(): AuditCounts
  /** The last line: to be compared with what a file ends with. */
  end(): AuditEnd
}

/**
 * Opens the audit trail: what somebody has to answer for later, as a chain of JSON lines each of which holds the hash of
 * the one before.
 *
 * @throws GatewayError ERR_FORAGE_LOG when the file cannot be opened
 */
export function createAuditTrail(options: AuditTrailOptions): AuditTrail {
  const { destination, key, now = () => Date.now() / 1000, random = randomBytes, onFault = () => {} } = options
  const chain = createAuditChain({ ...options, hash: createAuditHash(key), random })
  const writer = openWriter(destination, { chain, now, onFault })
  let unwritable = 0

  async function quietly(act: () => void | Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      onFault(systemCode(error))
    }
  }

  return {
    record(event) {
      try {
        writer.write(event)
      } catch {
        // An event that no line can be made from.
        unwritable++
      }
    },
    reopen: () => void quietly(() => writer.reopen()),
    flush: () => writer.flush(),
    close: () => quietly(() => writer.close()),
    counts() {
      const { written, lost } = writer.counts()
      return { written, lost: lost + unwritable }
    },
    end: () => chain.end,
  }
}

function openWriter(destination: string, parts: AuditWriterParts): AuditWriter {
  if (destination === 'stdout' || destination === 'stderr')
    return new AuditStreamWriter(createLogDestination(openLogDescriptor(destination)), parts)
  const fd = openAuditFile(destination)
  if (fstatSync(fd).isFile()) return new AuditFileWriter(destination, fd, parts)
  const open = (): number => openAuditFile(destination)
  const onNotReopened = (error: unknown): void => parts.onFault(systemCode(error))
  return new AuditStreamWriter(createLogDestination(fd, { open, onNotReopened }), parts)
}

/** A fault of ours has the system's as its cause. */
function systemCode(error: unknown): string {
  return codeOf(error instanceof GatewayError ? error.cause : error)
}

import type { AuditEvent } from './audit-event.ts'
import type { AuditHash } from './audit-hash.ts'
import { type AuditEnd, makeAuditLine, noHash } from './audit-line.ts'
import { membersOf } from './audit-members.ts'

export interface AuditChainOptions {
  readonly hash: AuditHash
  /** Of the policy in force. */
  readonly policyDigest: () => string
  readonly configGeneration: () => number
  readonly random: (octets: number) => Uint8Array
}

/** Makes one line after the other. A line counts once it is written: until then the chain stays where it is. */
export interface AuditChain {
  readonly end: AuditEnd
  /** The line that comes next, without a line end, and where the chain stands once it is written. */
  next(event: AuditEvent): { readonly line: string; readonly end: AuditEnd }
  goOn(from: AuditEnd): void
}

/** Begins a chain. Its random name keeps lines of another one from fitting in. */
export function createAuditChain({ hash, policyDigest, configGeneration, random }: AuditChainOptions): AuditChain {
  const { algorithm, keyId } = hash
  let end: AuditEnd = { chain: Buffer.from(random(12)).toString('base64url'), seq: 0, hash: noHash }
  return {
    get end() {
      return end
    },
    next(event) {
      const { chain, hash: previous } = end
      const seq = end.seq + 1
      const made = makeAuditLine(
        {
          seq,
          time: new Date(event.time * 1000).toISOString(),
          event: event.event,
          ...membersOf(event),
          policy: event.policy ?? policyDigest(),
          config_generation: event.configGeneration ?? configGeneration(),
          chain,
          algorithm,
          key_id: keyId,
          previous,
        },
        hash,
      )
      return { line: made.line, end: { chain, seq, hash: made.hash } }
    },
    goOn(from) {
      end = from
    },
  }
}

import type { AuditHash } from './audit-hash.ts'

/** Where a chain stands: what the next line goes on from. */
export interface AuditEnd {
  /** Which chain it is: drawn at random when it began. */
  readonly chain: string
  /** Sequence number of its last line; 0 before the first. */
  readonly seq: number
  /** Hash of its last line, 64 digits of lower-case hexadecimal. */
  readonly hash: string
}

/** What the first line of a chain names as the hash of the line before it. */
export const noHash: string = '0'.repeat(64)

/** Longest line that is read, in octets, its end not counted. Those that are written stay below. */
export const maxLineOctets = 65_536

/** `,"hash":"`, 64 digits, `"}`: the last member, over all octets before it. */
const hashMember = /,"hash":"([0-9a-f]{64})"\}$/
const hashMemberOctets = 75

const maxSeq = 2 ** 52

/** A line of a trail as it was read. Whether its hash fits is for the reader to find out. */
export interface AuditLine extends AuditEnd {
  readonly time: string
  readonly event: string
  readonly policy: string
  readonly algorithm: string
  readonly keyId: string | undefined
  readonly previous: string
  readonly members: Readonly<Record<string, unknown>>
  /** What the hash is over. */
  readonly hashed: Buffer
}

/**
 * Makes a line, without a line end. The hash is the last member, over all octets before it: so it can be checked without
 * reading JSON, and without a rule of how JSON is to be spelled.
 *
 * @param members everything else that it says
 */
export function makeAuditLine(
  members: object,
  { hashOf }: AuditHash,
): { readonly line: string; readonly hash: string } {
  const hashed = JSON.stringify(members).slice(0, -1)
  const hash = hashOf(hashed)
  return { line: `${hashed},"hash":"${hash}"}`, hash }
}

/** Reads a line. @returns undefined for what does not have the form of one */
export function readAuditLine(octets: Buffer): AuditLine | undefined {
  if (octets.length > maxLineOctets) return undefined
  const hash = hashMember.exec(octets.toString('latin1'))?.[1]
  const members = hash === undefined ? undefined : readObject(octets)
  if (hash === undefined || members === undefined) return undefined
  const { seq, time, event, policy, chain, algorithm, key_id: keyId, previous } = members
  if (!isSeq(seq) || !isHash(previous) || !isShort(time) || !isShort(event) || !isShort(chain)) return undefined
  if (!isShort(algorithm) || !isShort(policy) || !(keyId === undefined || isShort(keyId))) return undefined
  const hashed = octets.subarray(0, octets.length - hashMemberOctets)
  return { chain, seq, hash, time, event, policy, algorithm, keyId, previous, members, hashed }
}

/**
 * Whether a line is spelled as the gateway spells it. A member that is there twice is read in two ways by two programs.
 */
export function isCanonical({ members, hashed }: AuditLine): boolean {
  const text = JSON.stringify(members)
  return Buffer.from(text).subarray(0, -hashMemberOctets).equals(hashed)
}

function readObject(octets: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(octets.toString())
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function isSeq(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) < maxSeq
}

function isHash(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 300
}

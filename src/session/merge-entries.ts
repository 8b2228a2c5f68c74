import type { LedgerEntry } from './ledger.ts'
import type { Provenance } from './session.ts'

/** What a later registration cannot say otherwise than the record does. */
export type FixedMember = 'useCase' | 'merchantAccount' | 'parent'

const fixedMembers: readonly FixedMember[] = ['useCase', 'merchantAccount', 'parent']

/** What two records of one token make together. */
export interface MergedEntry {
  readonly entry: LedgerEntry
  /** The first member in which they contradict each other; then `entry` is the known one. */
  readonly differs?: FixedMember
}

/**
 * Takes up another record of a token that is on record. The session can only get narrower by it: what is known stays, what
 * is not known is added, scopes are those of both lists, and the earlier end holds. Otherwise whoever registers a token once
 * more, with less to say of it, would loosen it from its use case, its merchant, and the revocations that reach it.
 */
export function mergeEntries(known: LedgerEntry, coming: LedgerEntry): MergedEntry {
  const [before, after] = [known.provenance, coming.provenance]
  const differs = fixedMembers.find(
    name => before[name] !== undefined && after[name] !== undefined && before[name] !== after[name],
  )
  if (differs) return { entry: known, differs }
  const customer = before.customer ?? after.customer
  const provenance = {
    ...beginningOf(before, after),
    useCase: before.useCase ?? after.useCase,
    scopes: inBoth(before.scopes, after.scopes),
    merchantAccount: before.merchantAccount ?? after.merchantAccount,
    parent: before.parent ?? after.parent,
    ...(customer !== undefined && { customer }),
  }
  const entry = { digest: known.digest, expiresAt: Math.min(known.expiresAt, coming.expiresAt), provenance }
  return { entry: saySame(known, entry) ? known : entry }
}

/** Narrows by two lists, of which an absent one narrows nothing. */
export function inBoth(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): readonly string[] | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return one.filter(scope => other.includes(scope))
}

/** Whether two records of one token say the same. */
export function saySame(one: LedgerEntry, other: LedgerEntry): boolean {
  return one === other || spell(one) === spell(other)
}

function spell({ expiresAt, provenance }: LedgerEntry): string {
  const { recordedAt, useCase, scopes, merchantAccount, parent, customer, isIssuedHere } = provenance
  return JSON.stringify([expiresAt, recordedAt, useCase, scopes, merchantAccount, parent, customer, isIssuedHere])
}

/** When it began is what the earlier record says: of one that was issued here, to the millisecond. */
function beginningOf(before: Provenance, after: Provenance): Pick<Provenance, 'recordedAt' | 'isIssuedHere'> {
  const isEarlier =
    after.recordedAt < before.recordedAt || (after.recordedAt === before.recordedAt && after.isIssuedHere === true)
  const { recordedAt, isIssuedHere } = isEarlier ? after : before
  return { recordedAt, ...(isIssuedHere && { isIssuedHere }) }
}

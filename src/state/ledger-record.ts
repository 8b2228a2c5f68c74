import type { LedgerEntry } from '../session/ledger.ts'
import type { Provenance } from '../session/session.ts'

/** SHA-256 as base64url, the only thing that stands for a token in a shared state. */
const digestPattern = /^[A-Za-z0-9_-]{43}$/

/** @throws TypeError for what is no digest: a token's text must never become a key */
export function requireDigest(text: string): string {
  if (!digestPattern.test(text)) throw new TypeError('the shared state takes digests of tokens only')
  return text
}

export function isDigest(value: unknown): value is string {
  return typeof value === 'string' && digestPattern.test(value)
}

/** The text of a ledger entry in a shared state. */
export function writeLedgerRecord({ digest, expiresAt, provenance }: LedgerEntry): string {
  const { recordedAt, useCase, scopes, merchantAccount, parent, customer, isIssuedHere } = provenance
  if (parent !== undefined) requireDigest(parent)
  return JSON.stringify({
    v: 1,
    digest: requireDigest(digest),
    expiresAt,
    recordedAt,
    useCase,
    scopes,
    merchantAccount,
    parent,
    customer,
    isIssuedHere,
  })
}

/**
 * Reads a ledger entry strictly: it makes a token authentic, and whoever can write to the state could have put it there.
 *
 * @param digest the entry must be of this token
 * @returns undefined for anything but a whole entry
 */
export function readLedgerRecord(text: string, digest: string): LedgerEntry | undefined {
  const record = parseObject(text)
  if (record === undefined || record.v !== 1 || record.digest !== digest || !isTime(record.expiresAt)) return undefined
  const { recordedAt, useCase, scopes, merchantAccount, parent, customer, isIssuedHere } = record
  if (!isTime(recordedAt) || !isTextOrAbsent(useCase) || !isTextOrAbsent(merchantAccount)) return undefined
  if (!isScopesOrAbsent(scopes) || !(parent === undefined || isDigest(parent))) return undefined
  if (!isTextOrAbsent(customer) || !(isIssuedHere === undefined || isIssuedHere === true)) return undefined
  const known = { recordedAt, useCase, scopes, merchantAccount, parent }
  const provenance: Provenance = {
    ...known,
    ...(customer !== undefined && { customer }),
    // By any of the replicas: their clocks are taken for one.
    ...(isIssuedHere && { isIssuedHere }),
  }
  return { digest, expiresAt: record.expiresAt, provenance }
}

const changeMark = 'record '

/** What the replicas are told when they may have read another entry of this token. */
export function writeLedgerChange(digest: string): string {
  return changeMark + requireDigest(digest)
}

/** @returns the digest; undefined for what tells of something else */
export function readLedgerChange(text: string): string | undefined {
  const digest = text.startsWith(changeMark) ? text.slice(changeMark.length) : undefined
  return isDigest(digest) ? digest : undefined
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}

/** Seconds since the epoch, with a bound that keeps sums exact. */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value < 1e11
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 256
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || isText(value)
}

/** An empty list narrows a session to nothing, so it must not be taken for an absent one. */
function isScopesOrAbsent(value: unknown): value is readonly string[] | undefined {
  return value === undefined || (Array.isArray(value) && value.length <= 256 && value.every(isText))
}

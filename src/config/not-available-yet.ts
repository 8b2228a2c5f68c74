import type { SchemaIssue } from './schema-issues.ts'
import { type KeyPath, keyPath } from './yaml-file.ts'

/** A key of the contract whose feature is not built yet. */
export interface UnavailableKey {
  readonly key: string
  /** Whether what was written asks for nothing that is not built. An absent key is `undefined`. */
  readonly isFine: (written: unknown) => boolean
  readonly message: string
}

/**
 * Every key that is accepted by the schema and has no effect yet. Set to something that would need its feature, it is
 * refused: a gateway that silently leaves out a protection is worse than one that does not start. Left out, it is off,
 * also where its default in the contract is on. Whoever builds a feature deletes its line.
 */
export const notAvailableYet: readonly UnavailableKey[] = [
  offWhenNull('upstream.vault', 'the vault host; write null or leave it out'),
]

/** The keys of a document that would need something that is not built. */
export function findUnavailable(written: unknown): readonly SchemaIssue[] {
  return notAvailableYet
    .map(({ key, isFine, message }) => ({ path: keyPath(key), isFine, message }))
    .filter(({ path, isFine }) => !isFine(valueAt(written, path)))
    .map(({ path, message }) => ({ path, message }))
}

function offWhenNull(key: string, what: string): UnavailableKey {
  return { key, isFine: written => written === undefined || written === null, message: `not available yet: ${what}` }
}

function valueAt(value: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value)
}

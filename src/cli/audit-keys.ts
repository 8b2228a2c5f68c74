import { createHash } from 'node:crypto'
import { readSecret } from '../config/read-secret.ts'
import type { SecretSource } from '../config/secret-schema.ts'
import { type AuditHash, createAuditHash } from '../observability/audit-hash.ts'
import type { AuditLine } from '../observability/audit-line.ts'
import type { FindingKind } from './audit-findings.ts'
import { UsageError } from './usage-error.ts'

/**
 * Reads the keys of a trail as the configuration does: the key is the SHA-256 of the secret.
 *
 * @throws UsageError for one that cannot be read; its name is not repeated, since people put the secret itself there
 */
export function readAuditKeys(sources: readonly SecretSource[], env: NodeJS.ProcessEnv): readonly AuditHash[] {
  return sources.map(source => {
    const secret = readSecret(source, { folder: '.', env, environment: undefined })
    if (!('message' in secret)) return createAuditHash(createHash('sha256').update(secret).digest())
    // The rest of a message says what to write in a configuration.
    if ('file' in source) throw new UsageError(`--key-file: ${secret.message.replace(/;.*/s, '')}`)
    throw new UsageError(`--key-env: ${secret.message.replace(/:.*/s, '')}`)
  })
}

/** Finds out whether the hash of a line fits. @returns what is wrong with it */
export type CheckHash = (line: AuditLine) => FindingKind | undefined

/** @param keyed the keys; where there are any, every line has to be keyed */
export function createHashCheck(keyed: readonly AuditHash[]): CheckHash {
  const plain = createAuditHash()
  return line => {
    const isPlain = line.algorithm === plain.algorithm && line.keyId === undefined
    const hash = isPlain
      ? plain
      : keyed.find(({ algorithm, keyId }) => algorithm === line.algorithm && keyId === line.keyId)
    if (!hash) return 'key_missing'
    if (hash.hashOf(line.hashed) !== line.hash) return 'changed'
    return isPlain && keyed.length > 0 ? 'not_keyed' : undefined
  }
}

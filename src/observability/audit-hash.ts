import { createHash, createHmac } from 'node:crypto'

/** How the lines of a trail are hashed. */
export interface AuditHash {
  /** As the lines name it. */
  readonly algorithm: 'sha256' | 'hmac-sha256'
  /** Tells keys apart and says nothing of them; undefined without a key. */
  readonly keyId: string | undefined
  /** @returns 64 digits of lower-case hexadecimal */
  hashOf(octets: string | Uint8Array): string
}

/** What the id of a key is made from, by the key itself. */
const keyIdText = 'forage-gateway audit key'

/**
 * Hashes lines, with SHA-256 or, where there is a key, with HMAC-SHA-256 (RFC 2104): then whoever can write to the file
 * but does not hold the key cannot make a chain that holds.
 *
 * @param key as the configuration resolves it: the SHA-256 of the secret
 */
export function createAuditHash(key?: Uint8Array): AuditHash {
  if (key === undefined) {
    return {
      algorithm: 'sha256',
      keyId: undefined,
      hashOf: octets => createHash('sha256').update(octets).digest('hex'),
    }
  }
  const hashOf = (octets: string | Uint8Array): string => createHmac('sha256', key).update(octets).digest('hex')
  return { algorithm: 'hmac-sha256', keyId: hashOf(keyIdText).slice(0, 16), hashOf }
}

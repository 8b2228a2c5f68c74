import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'

/** Encrypts texts that lie where others may read and write. */
export interface Seal {
  /** @param name where the text will lie: it can be opened as the text of that name only */
  close(name: string, text: string): string
  /** @returns undefined for whatever this key did not close under this name */
  open(name: string, sealed: string): string | undefined
}

const ivBytes = 12
const tagBytes = 16

/**
 * AES-256-GCM with a key of its own for each name, so that random nonces never come near the number after which they may
 * repeat under one key (NIST SP 800-38D §8.3), however many tokens are issued.
 *
 * @param key 32 octets
 * @throws TypeError for a key of another length
 */
export function createSeal(key: Uint8Array): Seal {
  if (key.byteLength !== 32) throw new TypeError('the key that seals the shared state must have 32 octets')
  const keyOf = (name: string) => createHmac('sha256', key).update(`forage-gateway seal\n${name}`).digest()
  return {
    close(name, text) {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', keyOf(name), iv).setAAD(Buffer.from(name))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')
    },
    open(name, sealed) {
      const octets = Buffer.from(sealed, 'base64url')
      if (octets.byteLength < ivBytes + tagBytes) return undefined
      const iv = octets.subarray(0, ivBytes)
      const decipher = createDecipheriv('aes-256-gcm', keyOf(name), iv, { authTagLength: tagBytes })
      decipher.setAAD(Buffer.from(name)).setAuthTag(octets.subarray(ivBytes, ivBytes + tagBytes))
      try {
        return decipher.update(octets.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
      } catch {
        return undefined
      }
    },
  }
}

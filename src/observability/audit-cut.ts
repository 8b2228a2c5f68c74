import { createHash } from 'node:crypto'

/**
 * Octets that stand between two lines and are no line, since a write broke off. The next line tells how many they are and
 * their digest: so they can be told from what somebody put there. Keeps no octets.
 */
export class AuditCut {
  #hash = createHash('sha256')
  #octets = 0

  get octets(): number {
    return this.#octets
  }

  /** Adds a part; parts are lines of their own, since each write begins on a new line. */
  add(part: Uint8Array): void {
    if (part.length === 0) return
    if (this.#octets > 0) this.#update(Buffer.from('\n'))
    this.#update(part)
  }

  /** SHA-256 in hexadecimal. */
  digest(): string {
    return this.#hash.copy().digest('hex')
  }

  clear(): void {
    this.#hash = createHash('sha256')
    this.#octets = 0
  }

  #update(octets: Uint8Array): void {
    this.#hash.update(octets)
    this.#octets += octets.length
  }
}

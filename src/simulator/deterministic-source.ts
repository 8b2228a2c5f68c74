import { createHmac } from 'node:crypto'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Largest multiple of the alphabet's length in a byte: bytes from here on would favour the first letters. */
const unbiasedLimit = 256 - (256 % alphabet.length)

/**
 * Everything "random" in the simulator, derived from a seed: HMAC-SHA256 over a label and a counter per label.
 * Labels keep the streams apart, so that one more refund does not change the next session token.
 */
export class DeterministicSource {
  readonly #seed: string
  readonly #counters = new Map<string, number>()

  constructor(seed: string) {
    this.#seed = seed
  }

  /** The next bytes of a stream. */
  bytes(label: string, size: number): Buffer {
    const blocks: Buffer[] = []
    for (let length = 0; length < size; length += 32) blocks.push(this.#nextBlock(label))
    return Buffer.concat(blocks).subarray(0, size)
  }

  /** The next `length` characters of `[A-Za-z0-9]`. */
  alphanumeric(label: string, length: number): string {
    let text = ''
    while (text.length < length) {
      for (const byte of this.#nextBlock(label)) {
        if (byte < unbiasedLimit && text.length < length) text += alphabet.charAt(byte % alphabet.length)
      }
    }
    return text
  }

  /** The next `length` hexadecimal characters. */
  hex(label: string, length: number): string {
    return this.bytes(label, Math.ceil(length / 2))
      .toString('hex')
      .slice(0, length)
  }

  /** A value that depends on the seed and the input only, not on what was asked before: fingerprints of cards. */
  digest(label: string, input: string): Buffer {
    return createHmac('sha256', this.#seed).update(`${label}\0=${input}`).digest()
  }

  /** Starts every stream again. */
  reset(): void {
    this.#counters.clear()
  }

  #nextBlock(label: string): Buffer {
    const counter = this.#counters.get(label) ?? 0
    this.#counters.set(label, counter + 1)
    return createHmac('sha256', this.#seed).update(`${label}\0#${counter}`).digest()
  }
}

/** So much goes into a pipe whole or not at all (PIPE_BUF). */
export const pipeBlockOctets = 4096
/** Each write to a file takes a thread of Node's pool: with blocks of 4 KiB, a GET costs some 4 % more. */
const fileBlockOctets = 32 * 1024

export const newline = 0x0a

/** Lines that wait to be written: in order, in blocks of whole lines. */
export class LogQueue {
  /** How much is gathered before it is worth a write, in octets. */
  blockOctets: number
  readonly #blocks: Buffer[] = []
  #blocked = 0
  #gathered = ''

  constructor(blockOctets: number) {
    this.blockOctets = blockOctets
  }

  /** Octets that wait. What is still gathered, less than a block, counts by its characters. */
  get length(): number {
    return this.#blocked + this.#gathered.length
  }

  /** Whether a whole block waits. */
  get hasBlock(): boolean {
    return this.#blocks.length > 0
  }

  add(line: string): void {
    if (this.#gathered.length + line.length > this.blockOctets) this.#closeBlock()
    this.#gathered += line
    if (this.#gathered.length >= this.blockOctets) this.#closeBlock()
  }

  /** Takes what waits longest: not more than so many octets, but one block at least. Empty when nothing waits. */
  take(maxOctets: number): Buffer {
    if (!this.hasBlock) this.#closeBlock()
    let [length, count] = [0, 0]
    for (const block of this.#blocks) {
      if (count > 0 && length + block.length > maxOctets) break
      length += block.length
      count++
    }
    this.#blocked -= length
    const [first = noOctets, ...more] = this.#blocks.splice(0, count)
    return more.length === 0 ? first : Buffer.concat([first, ...more], length)
  }

  #closeBlock(): void {
    if (this.#gathered === '') return
    const block = Buffer.from(this.#gathered)
    this.#gathered = ''
    this.#blocked += block.length
    this.#blocks.push(block)
  }
}

/**
 * How much is gathered before it is worth a write.
 *
 * @param maxOctets how much may wait: a queue must not be full before its first block is
 */
export function blockOctetsFor(isFile: boolean, maxOctets: number): number {
  return isFile ? Math.min(fileBlockOctets, maxOctets / 4) : pipeBlockOctets
}

const noOctets = Buffer.alloc(0)

/** A newline at the very beginning ends no line that was to be written: it parts the others from half a line before. */
export function linesIn(octets: Buffer): number {
  let count = 0
  for (let at = octets.indexOf(newline, 1); at >= 0; at = octets.indexOf(newline, at + 1)) count++
  return count
}

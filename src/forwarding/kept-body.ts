/** Largest body that is kept for a second attempt, in octets. */
export const maxKeptBytes: number = 64 * 1024

/** A copy of a short body while its request may still have to be sent again. A longer one is not kept at all. */
export class KeptBody {
  #chunks: Buffer[] | undefined = []
  #octets = 0

  add(chunk: Buffer): void {
    this.#octets += chunk.length
    if (this.#octets > maxKeptBytes) this.#chunks = undefined
    else this.#chunks?.push(chunk)
  }

  /** Lets go of it: the request will not be sent again. */
  drop(): void {
    this.#chunks = undefined
  }

  /** What was added so far; undefined when it was too much, or was dropped. */
  octets(): Buffer | undefined {
    return this.#chunks && Buffer.concat(this.#chunks)
  }
}

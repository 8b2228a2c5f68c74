/** Octets of an answer that are kept for a moment. Forage's error bodies have about two hundred. */
const maxOctets = 4096

/** The body of a short answer, kept until its end while it passes. An answer that is longer is not kept at all. */
export class AnswerSample {
  #chunks: Buffer[] = []
  #octets = 0

  add(chunk: Buffer): void {
    this.#octets += chunk.length
    if (this.#octets > maxOctets) this.#chunks = []
    else this.#chunks.push(chunk)
  }

  /** `''` when the answer was empty or too long. */
  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }
}

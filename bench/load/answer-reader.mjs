// Reads the answers on one connection, one at a time, and holds each against what it has to be.
const headEnd = Buffer.from('\r\n\r\n')
const nothing = Buffer.alloc(0)
const maxHead = 64 * 1024

export class AnswerReader {
  /** Whether the other side said that it closes the connection after this answer. */
  isLast = false
  status = 0
  #held = nothing
  #isInBody = false
  #at = 0
  #length = 0
  #expected = { status: 0, body: null }

  /** @param expected `status`, and `body` in octets (null: any) */
  expect(expected) {
    this.#expected = expected
    this.#isInBody = false
    this.#held = nothing
  }

  /**
   * @param chunk is used again by whoever reads it from the socket
   * @returns whether the answer is complete
   * @throws Error when it is not the answer that was expected
   */
  read(chunk) {
    if (this.#isInBody) return this.#readBody(chunk)
    const all = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    const end = all.indexOf(headEnd)
    if (end < 0) {
      if (all.length > maxHead) throw new Error('a head without an end')
      this.#held = Buffer.from(all)
      return false
    }
    this.#readHead(all.latin1Slice(0, end + 2))
    return this.#readBody(all.subarray(end + 4))
  }

  #readHead(head) {
    const { status, body } = this.#expected
    this.status = Number(head.slice(9, 12))
    this.#length = Number(/\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1] ?? Number.NaN)
    this.isLast = /\r\nconnection: *close\r\n/i.test(head)
    const isRight = this.status === status && (body === null ? this.#length >= 0 : this.#length === body.length)
    if (!isRight) throw new Error(`${head.slice(0, head.indexOf('\r\n'))}, ${this.#length} octets; not ${status}`)
    this.#isInBody = true
    this.#at = 0
  }

  #readBody(chunk) {
    const { body } = this.#expected
    const end = this.#at + chunk.length
    if (end > this.#length) throw new Error('octets after the answer')
    if (body !== null && chunk.compare(body, this.#at, end) !== 0) throw new Error('another body than was sent')
    this.#at = end
    this.#isInBody = end < this.#length
    return !this.#isInBody
  }
}

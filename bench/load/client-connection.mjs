// One connection of a client: sends a request, reads the answer, and only then the next.
import { connect } from 'node:net'
import { AnswerReader } from './answer-reader.mjs'

/** Every connection reads into the same octets: what one has read is used up before another reads. */
const shared = Buffer.allocUnsafeSlow(256 * 1024)

export class ClientConnection {
  #port
  #onAnswer
  #onFault
  #reader = new AnswerReader()
  #socket
  #isWaiting = false

  /**
   * @param onAnswer called with this connection when an answer is complete
   * @param onFault called with an error; nothing comes after it
   */
  constructor(port, onAnswer, onFault) {
    this.#port = port
    this.#onAnswer = onAnswer
    this.#onFault = onFault
  }

  /** @returns when it is connected */
  open() {
    return new Promise((resolve, reject) => {
      const onread = { buffer: shared, callback: (count, octets) => this.#read(octets.subarray(0, count)) }
      const socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true, onread })
      this.#socket = socket
      socket.once('connect', resolve).once('error', reject)
      socket.once('close', () => {
        if (this.#isWaiting && socket === this.#socket) this.#fail(new Error('the connection ended before the answer'))
      })
    })
  }

  /** @param request its `octets`, and what its answer must be: `status`, `body` */
  send(request) {
    this.#isWaiting = true
    this.#reader.expect(request)
    this.#socket.write(request.octets)
  }

  close() {
    this.#isWaiting = false
    this.#socket.destroy()
  }

  #read(octets) {
    try {
      if (!this.#reader.read(octets)) return
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#isWaiting = false
    if (this.#reader.isLast) this.#reopen()
    else this.#onAnswer(this)
  }

  #reopen() {
    this.#socket.destroy()
    this.open().then(
      () => this.#onAnswer(this),
      error => this.#fail(error),
    )
  }

  #fail(error) {
    this.close()
    this.#onFault(error)
  }
}

// Many connections that have had one answer each and then do nothing.
import { ClientConnection } from './client-connection.mjs'
import { createTokens, kinds, requestOf } from './work.mjs'

const atATime = 100

export class Hold {
  #order
  #connections = []

  /** @param order `port`, `secret`, and how many: `count` */
  constructor(order) {
    this.#order = order
  }

  async open() {
    const { count, secret } = this.#order
    // A few sessions are enough: it is the connections that are measured.
    const { fresh } = createTokens(secret)
    const requests = Array.from({ length: atATime }, (_, index) => requestOf(kinds.get, index, fresh()))
    for (let done = 0; done < count; done += atATime) {
      await Promise.all(requests.slice(0, count - done).map(octets => this.#openOne(octets)))
    }
    return { allowed: count }
  }

  close() {
    for (const connection of this.#connections) connection.close()
    this.#connections = []
  }

  #openOne(octets) {
    return new Promise((resolve, reject) => {
      const connection = new ClientConnection(this.#order.port, () => resolve(), reject)
      this.#connections.push(connection)
      connection.open().then(() => connection.send({ octets, status: 200, body: kinds.get.answer }), reject)
    })
  }
}

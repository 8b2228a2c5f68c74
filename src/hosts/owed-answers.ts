import type { ServerResponse } from 'node:http'
import type { UnderWay } from './connection.ts'
import { HeldRequest } from './held-request.ts'

interface Owed {
  readonly response: ServerResponse
  /** Whether its request changes nothing (RFC 9110 §9.2.1). */
  readonly isSafe: boolean
  underWay: UnderWay | undefined
}

/**
 * Answers of one connection that are not finished, in the order of their requests, and what they wait for.
 *
 * A list and no Map: a Map that gets and loses an entry with every request makes itself a new table every few requests, and
 * each old one, once it has grown old in memory, keeps all the later ones and the answers in them from being collected.
 * The list is short: pipelining is limited.
 */
export class OwedAnswers {
  readonly #answers: Owed[] = []

  get size(): number {
    return this.#answers.length
  }

  /** The answer that is next on the wire. */
  get first(): ServerResponse | undefined {
    return this.#answers[0]?.response
  }

  /** The answer to the request that came last. */
  get last(): ServerResponse | undefined {
    return this.#answers.at(-1)?.response
  }

  add(response: ServerResponse, isSafe: boolean): void {
    this.#answers.push({ response, isSafe, underWay: undefined })
  }

  /**
   * Whether a request may be acted on before those in front of it are answered: when it and they are safe. Others would
   * reach the upstream in any order (RFC 9112 §9.3.2).
   */
  mayGo(response: ServerResponse): boolean {
    if (this.first === response) return true
    for (const owed of this.#answers) {
      if (!owed.isSafe) return false
      if (owed.response === response) return true
    }
    return true
  }

  /** Lets those go that were held and may go now. */
  release(): void {
    for (const { response, underWay } of [...this.#answers])
      if (underWay instanceof HeldRequest && this.mayGo(response)) underWay.go()
  }

  /** Notes what an answer waits for; nothing happens when it is no longer owed. */
  await(response: ServerResponse, underWay: UnderWay): void {
    const owed = this.#answers.find(each => each.response === response)
    if (owed) owed.underWay = underWay
  }

  /** What the last one waits for. */
  get lastUnderWay(): UnderWay | undefined {
    return this.#answers.at(-1)?.underWay
  }

  /** @returns what it waited for */
  remove(response: ServerResponse): UnderWay | undefined {
    const index = this.#answers.findIndex(owed => owed.response === response)
    return index < 0 ? undefined : this.#answers.splice(index, 1)[0]?.underWay
  }

  /** The client is gone. */
  abandon(): void {
    for (const { underWay } of [...this.#answers]) underWay?.abandon()
  }
}

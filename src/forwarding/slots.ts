import process from 'node:process'
import { type ConnectionOptions, UpstreamConnection } from './connection.ts'

export interface SlotsOptions extends ConnectionOptions {
  /** Most connections at a time. */
  readonly connections: number
  /** Most requests that wait for one. */
  readonly maxWaiting: number
}

/** Who wants a connection. */
export interface Waiter {
  /** Its turn has come: the connection is its own until it is released. */
  onTurn(connection: UpstreamConnection): void
}

/**
 * The places for requests at the upstream, and the queue in front of them: first come, first served, and bounded, since
 * under overload a request that waits is one that will come too late. What leaves the queue never reaches undici.
 */
export class Slots {
  readonly #options: SlotsOptions
  /** Last in, first out: the others grow idle and close. */
  readonly #idle: UpstreamConnection[] = []
  readonly #waiting = new Set<Waiter>()
  #taken = 0
  #closed: Promise<void> | undefined
  #onAllFree = (): void => {}

  constructor(options: SlotsOptions) {
    this.#options = options
  }

  /**
   * Asks for a connection. Where one is free, the turn comes before this returns.
   *
   * @returns `full` or `closed` when the turn will never come
   */
  enter(waiter: Waiter): 'entered' | 'full' | 'closed' {
    if (this.#closed !== undefined) return 'closed'
    if (this.#taken < this.#options.connections) {
      this.#taken++
      waiter.onTurn(this.#connection())
    } else if (this.#waiting.size < this.#options.maxWaiting) this.#waiting.add(waiter)
    else return 'full'
    return 'entered'
  }

  /** Gives up waiting. */
  leave(waiter: Waiter): void {
    this.#waiting.delete(waiter)
  }

  /** A fresh connection in place of one that has failed. */
  renew(failed: UpstreamConnection): UpstreamConnection {
    failed.destroy()
    return new UpstreamConnection(this.#options)
  }

  /** Gives a connection back, once undici is done with what it is at. */
  release(connection: UpstreamConnection): void {
    process.nextTick(this.#takeBack, connection)
  }

  readonly #takeBack = (connection: UpstreamConnection): void => {
    this.#keep(connection)
    // Clients often leave together: those whose leaving is already known to the system leave the queue first.
    if (this.#waiting.size > 0) setImmediate(this.#serveNext)
    else this.#free()
  }

  /** Takes no more requests, and ends when those that are under way or wait have ended. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await this.#closeIdle()
    if (this.#taken === 0) return
    await new Promise<void>(resolve => {
      this.#onAllFree = resolve
    })
    await this.#closeIdle()
  }

  async #closeIdle(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map(connection => connection.close()))
  }

  /** The slot goes to the one that has waited longest. */
  readonly #serveNext = (): void => {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free()
      return
    }
    this.#waiting.delete(next)
    next.onTurn(this.#connection())
  }

  #free(): void {
    this.#taken--
    if (this.#taken === 0) this.#onAllFree()
  }

  /** There are never more connections than slots: a new one is only made when none is idle. */
  #connection(): UpstreamConnection {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (idle.isFit) return idle
      void idle.close()
    }
    return new UpstreamConnection(this.#options)
  }

  #keep(connection: UpstreamConnection): void {
    if (connection.isFit) this.#idle.push(connection)
    else void connection.close()
  }
}

import type { PoolWorker } from '../hosts/worker-pool.ts'

/**
 * The port that workers share, and who listens on it. Node lets processes share a port that asked for the same. Where the
 * configuration leaves the choice to the system, that is port 0: those that join others ask for what these asked for, and
 * only those that find nobody there ask for the very port that was given to the first ones.
 */
export class SharedPort {
  readonly #listening = new Set<PoolWorker>()
  #url = ''
  #asked: number | undefined

  /** Where clients reach the workers; `''` before the first one listens. */
  get url(): string {
    return this.#url
  }

  /** How many workers clients can reach. */
  get live(): number {
    return this.#listening.size
  }

  /** The port that a worker which begins now has to ask for; undefined: the one of the configuration. */
  next(): number | undefined {
    if (this.#url !== '' && this.live === 0) this.#asked = Number(new URL(this.#url).port)
    return this.#asked
  }

  /** A worker listens. One that was given another port, since those that it was to join died meanwhile, is killed. */
  join(worker: PoolWorker, url: string): void {
    if (this.#url === '') this.#url = url
    if (this.#url === url) this.#listening.add(worker)
    else worker.kill('SIGKILL')
  }

  /** A worker does not listen any more. */
  leave(worker: PoolWorker): void {
    this.#listening.delete(worker)
  }
}

/** A process that serves, as far as its keeper sees it. */
export interface PoolWorker {
  send(message: object): void
  kill(signal: 'SIGKILL'): void
  onMessage(listener: (message: unknown) => void): void
  /** Called once, when the process is gone. */
  onExit(listener: (end: WorkerEnd) => void): void
}

/** How a process ended. */
export interface WorkerEnd {
  readonly pid: number | undefined
  /** Null: a signal ended it. */
  readonly exitCode: number | null
  /** Such as `SIGKILL`, by which the system ends what takes too much memory. */
  readonly signal: string | null
}

export interface WorkerPoolOptions {
  readonly count: number
  readonly fork: () => PoolWorker
  /** Told of each message that a worker sends. */
  readonly onMessage: (worker: PoolWorker, message: unknown) => void
  /** Told when a worker went away without being told to, and after how many milliseconds another takes its place. */
  readonly onLoss: (worker: PoolWorker, restartInMs: number, end: WorkerEnd) => void
  /** Monotonic time in milliseconds. Default: the process's. */
  readonly now?: () => number
  /** Calls back later. Default: setTimeout. */
  readonly later?: (callback: () => void, delayMs: number) => void
}

/** Processes that share a port. One that dies is replaced. */
export interface WorkerPool {
  /** How many are running. */
  readonly live: number
  /** How many had to be replaced. */
  readonly restarts: number
  broadcast(message: object): void
  /** Tells all to finish, and kills those that have not after `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>
}

/** A worker that has run for so long has not died of its start: the next loss is a first one again. */
const steadyMs = 30_000
/** Delays after the first, second … loss in a row. The first is replaced at once. */
const backOffMs = [0, 200, 1000, 5000, 15_000, 30_000]

export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const { now = () => performance.now(), later = (callback, delayMs) => void setTimeout(callback, delayMs) } = options
  const workers = new Set<PoolWorker>()
  let restarts = 0
  let lossesInARow = 0
  let onAllGone: (() => void) | undefined

  function start(): void {
    if (onAllGone) return
    const worker = options.fork()
    const startedAt = now()
    workers.add(worker)
    worker.onMessage(message => options.onMessage(worker, message))
    worker.onExit(end => replace(worker, startedAt, end))
  }

  function replace(worker: PoolWorker, startedAt: number, end: WorkerEnd): void {
    workers.delete(worker)
    if (onAllGone) {
      if (workers.size === 0) onAllGone()
      return
    }
    lossesInARow = now() - startedAt >= steadyMs ? 0 : lossesInARow
    const delayMs = backOffMs[Math.min(lossesInARow, backOffMs.length - 1)] ?? 0
    lossesInARow++
    restarts++
    options.onLoss(worker, delayMs, end)
    later(start, delayMs)
  }

  for (let index = 0; index < options.count; index++) start()
  return {
    get live() {
      return workers.size
    },
    get restarts() {
      return restarts
    },
    broadcast(message) {
      for (const worker of workers) worker.send(message)
    },
    stop(timeoutMs) {
      return new Promise(resolve => {
        onAllGone = resolve
        if (workers.size === 0) resolve()
        for (const worker of workers) worker.send({ kind: 'stop' })
        later(() => {
          for (const worker of workers) worker.kill('SIGKILL')
        }, timeoutMs)
      })
    },
  }
}

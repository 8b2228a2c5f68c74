import { mergeMetrics } from './metrics-merge.ts'
import type { MetricsSnapshot } from './metrics-snapshot.ts'

/** Runs something later. @returns gives it up */
export type SetPatience = (run: () => void, ms: number) => () => void

export interface WorkerMetricsOptions<W> {
  /** Asks a worker for its metrics; it answers to `hear` with the same round. */
  readonly ask: (worker: W, round: number) => void
  /** How long the workers have for their answers, in milliseconds. Default 1000. */
  readonly patienceMs?: number
  /** Default: the system's timers. */
  readonly setPatience?: SetPatience
}

/** The metrics of workers, for the process that keeps them. */
export interface WorkerMetrics<W> {
  /** Asks all of them. One that does not answer in time is shown as it was: a sum that falls would be taken for a restart. */
  collect(workers: Iterable<W>): Promise<readonly MetricsSnapshot[]>
  hear(worker: W, round: number, snapshot: MetricsSnapshot): void
  /** A worker is gone. What it has counted stays in the sums, as far as it was told. */
  lose(worker: W): void
}

/** Workers that have not answered yet, and what to do when nobody is left. */
interface Round<W> {
  readonly open: Set<W>
  readonly end: () => void
}

export function createWorkerMetrics<W extends object>(options: WorkerMetricsOptions<W>): WorkerMetrics<W> {
  const { ask, patienceMs = 1000, setPatience = setNodePatience } = options
  const latest = new Map<W, MetricsSnapshot>()
  const gone = new WeakSet<W>()
  const rounds = new Map<number, Round<W>>()
  let past: MetricsSnapshot = []
  let lastRound = 0

  function answered(worker: W, number: number): void {
    const round = rounds.get(number)
    if (round?.open.delete(worker) && round.open.size === 0) round.end()
  }

  /** @returns when all have answered, or their time is over */
  function askAll(workers: Iterable<W>): Promise<void> {
    const number = ++lastRound
    const open = new Set(workers)
    if (open.size === 0) return Promise.resolve()
    return new Promise(resolve => {
      const end = (): void => {
        giveUp()
        rounds.delete(number)
        resolve()
      }
      const giveUp = setPatience(end, patienceMs)
      rounds.set(number, { open, end })
      for (const worker of [...open]) ask(worker, number)
    })
  }

  return {
    async collect(workers) {
      await askAll(workers)
      return [...latest.values(), past]
    },
    hear(worker, number, snapshot) {
      // Its last words may come after its end.
      if (gone.has(worker)) return
      latest.set(worker, snapshot)
      answered(worker, number)
    },
    lose(worker) {
      gone.add(worker)
      const last = latest.get(worker) ?? []
      latest.delete(worker)
      past = mergeMetrics([past, last.filter(({ type }) => type !== 'gauge')])
      for (const number of [...rounds.keys()]) answered(worker, number)
    },
  }
}

function setNodePatience(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

import t from 'tap'
import { createWorkerPool, type PoolWorker, type WorkerEnd, type WorkerPool } from '../../src/hosts/worker-pool.ts'

/** A worker that dies when the test says so. */
/** As the system ends what takes too much memory. */
const killed: WorkerEnd = { pid: 4711, exitCode: null, signal: 'SIGKILL' }

class StubbornWorker implements PoolWorker {
  readonly sent: object[] = []
  readonly killed: string[] = []
  exit = (): void => {}
  say = (_message: unknown): void => {}

  send(message: object): void {
    this.sent.push(message)
  }

  kill(signal: string): void {
    this.killed.push(signal)
  }

  onMessage(listener: (message: unknown) => void): void {
    this.say = listener
  }

  onExit(listener: (end: WorkerEnd) => void): void {
    this.exit = () => listener(killed)
  }
}

function aPool(count: number) {
  const workers: StubbornWorker[] = []
  const clock = { now: 0 }
  const timers: { callback: () => void; at: number }[] = []
  const losses: number[] = []
  const ends: WorkerEnd[] = []
  const heard: unknown[] = []
  const pool: WorkerPool = createWorkerPool({
    count,
    fork() {
      const worker = new StubbornWorker()
      workers.push(worker)
      return worker
    },
    onMessage: (_worker, message) => heard.push(message),
    onLoss(_worker, delayMs, end) {
      losses.push(delayMs)
      ends.push(end)
    },
    now: () => clock.now,
    later: (callback, delayMs) => void timers.push({ callback, at: clock.now + delayMs }),
  })
  const advance = (ms: number): void => {
    clock.now += ms
    for (const timer of timers.splice(0)) timer.at <= clock.now ? timer.callback() : timers.push(timer)
  }
  return { pool, workers, losses, ends, heard, advance }
}

t.test('how a worker ended is told with its loss', async t => {
  const { workers, ends } = aPool(1)
  workers[0]?.exit()
  t.same(ends, [killed])
})

t.test('as many workers are started as were asked for', async t => {
  const { pool, workers } = aPool(3)
  t.same([pool.live, workers.length], [3, 3])
})

t.test('a worker that dies is replaced at once', async t => {
  const { pool, workers, losses, advance } = aPool(2)
  workers[0]?.exit()
  t.equal(pool.live, 1)
  advance(0)
  t.same([pool.live, pool.restarts, losses], [2, 1, [0]])
})

t.test('workers that die of their start are replaced ever more slowly', async t => {
  const { pool, workers, losses, advance } = aPool(1)
  for (let death = 0; death < 8; death++) {
    workers.at(-1)?.exit()
    advance(30_000 - 1)
    advance(1)
  }
  t.same(losses.slice(0, 3), [0, 200, 1000])
  t.equal(losses.at(-1), 30_000)
  t.equal(pool.live, 1)
})

t.test('a worker that has run for 30 seconds is replaced at once again, one that ran a moment less is not', async t => {
  const { workers, losses, advance } = aPool(1)
  workers.at(-1)?.exit()
  advance(0)
  advance(29_999)
  workers.at(-1)?.exit()
  advance(200)
  advance(30_000)
  workers.at(-1)?.exit()
  t.same(losses, [0, 200, 0])
})

t.test('a message reaches all workers, and what a worker says is heard', async t => {
  const { pool, workers, heard } = aPool(2)
  pool.broadcast({ kind: 'revoke' })
  t.same(
    workers.map(worker => worker.sent.at(-1)),
    [{ kind: 'revoke' }, { kind: 'revoke' }],
  )
  workers[1]?.say({ kind: 'listening' })
  t.same(heard, [{ kind: 'listening' }])
})

t.test('stopping tells every worker, replaces none, and ends with the last of them', async t => {
  const { pool, workers, losses } = aPool(2)
  const stopped = pool.stop(1000)
  t.same(workers[0]?.sent.at(-1), { kind: 'stop' })
  for (const worker of workers) worker.exit()
  await stopped
  t.same([pool.live, losses, workers.length], [0, [], 2])
})

t.test('a worker that does not stop in time is killed', async t => {
  const { pool, workers, advance } = aPool(1)
  const stopped = pool.stop(1000)
  advance(999)
  t.same(workers[0]?.killed, [])
  advance(1)
  t.same(workers[0]?.killed, ['SIGKILL'])
  workers[0]?.exit()
  await stopped
})

t.test('a pool that has no worker left when it is stopped ends at once', async t => {
  const { pool, workers, advance } = aPool(1)
  workers[0]?.exit()
  const stopped = pool.stop(1000)
  advance(0)
  await stopped
  t.equal(workers.length, 1, 'the replacement that was due is not started')
})

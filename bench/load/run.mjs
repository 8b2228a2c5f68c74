// One measurement of one proxy.
import { setTimeout as later } from 'node:timers/promises'
import { ClientConnection } from './client-connection.mjs'
import { Latencies } from './latencies.mjs'
import { cpuMicros, processTree } from './process-cost.mjs'
import { createTokens, kinds, requestOf } from './work.mjs'

const rampMs = 100

export class Run {
  #order
  #work
  #tokens
  #latencies = new Latencies()
  #connections = []
  /** Fixed rate: connections that wait for a request, and when the requests were due that wait for a connection. */
  #idle = []
  #due = []
  #isOver = false
  #open = 0
  #sent = 0
  #counts = { allowed: 0, refused: 0 }
  #isCounting = false
  #counted = 0
  #fail
  #failed

  /**
   * @param order `port`, `pid` of the proxy, `work`, `secret`, `measureMs`; `fewest` requests to count, for which it
   *   goes on up to five times as long (default 20); `rate` in requests per second (null: as fast as it goes); one request in `freshEvery` with a token never seen, one in `badEvery` with a wrong one, which is to be
   *   answered with `refusalStatus`
   */
  constructor(order) {
    this.#order = order
    this.#work = kinds[order.work]
    this.#tokens = createTokens(order.secret)
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject
    })
  }

  async done() {
    try {
      return await Promise.race([this.#measure(), this.#failed])
    } finally {
      this.#isOver = true
      for (const { connection } of this.#connections) connection.close()
    }
  }

  async #measure() {
    const { measureMs, rate, pid, fewest = 20 } = this.#order
    await this.#connect()
    const pids = pid === null ? [] : processTree(pid)
    const stopTicking = rate === null ? this.#beginAll() : await this.#beginTicking(rate)
    await later(rampMs)
    const [startedAt, startedCpu] = [performance.now(), cpuMicros(pids)]
    this.#isCounting = true
    await later(measureMs)
    // Large answers, or a machine that has other things to do: too few tell nothing.
    for (let more = 0; this.#counted < fewest && more < 8; more++) await later(measureMs / 2)
    this.#isCounting = false
    if (this.#counted === 0) throw new Error(`no answer within ${Math.round(performance.now() - startedAt)} ms`)
    const [ms, cpu] = [performance.now() - startedAt, cpuMicros(pids) - startedCpu]
    stopTicking()
    await this.#end()
    const [p50Ms, p99Ms] = [50, 99].map(percent => this.#latencies.percentile(percent))
    return { ms, cpuMicros: cpu, requests: this.#counted, p50Ms, p99Ms, ...this.#counts }
  }

  async #connect() {
    const { port } = this.#order
    for (let index = 0; index < this.#work.connections; index++) {
      const own = requestOf(this.#work, index, this.#tokens.fresh())
      const state = { index, own, dueAt: 0, isRefused: false, onAnswer: () => this.#answered(state) }
      state.connection = new ClientConnection(port, state.onAnswer, error => this.#fail(error))
      this.#connections.push(state)
      await state.connection.open()
    }
  }

  #beginAll() {
    for (const state of this.#connections) this.#send(state, performance.now())
    return () => {}
  }

  /**
   * As many as are due go out together, once a millisecond; each is measured from when it was due, not from when it could
   * go. Each connection has had an answer before: at a rate that needs few of them, the others would bring their tokens,
   * never seen before, in the midst of what is measured, and all at once.
   */
  async #beginTicking(rate) {
    this.#beginAll()
    while (this.#open > 0) await later(1)
    const [startedAt, perMs] = [performance.now(), rate / 1000]
    let dueSoFar = 0
    const ticking = setInterval(() => {
      const due = Math.floor((performance.now() - startedAt) * perMs)
      for (; dueSoFar < due; dueSoFar++) this.#due.push(startedAt + Math.ceil((dueSoFar + 1) / perMs))
      while (this.#due.length > 0 && this.#idle.length > 0) this.#send(this.#idle.pop(), this.#due.shift())
    }, 1)
    return () => clearInterval(ticking)
  }

  #send(state, dueAt) {
    const { freshEvery = 0, badEvery = 0, refusalStatus } = this.#order
    const count = this.#sent++
    this.#open++
    state.dueAt = dueAt
    state.isRefused = badEvery > 0 && count % badEvery === 0
    const isFresh = freshEvery > 0 && count % freshEvery === 0
    const octets = state.isRefused
      ? requestOf(this.#work, state.index, this.#tokens.bad())
      : isFresh
        ? requestOf(this.#work, state.index, this.#tokens.fresh())
        : state.own
    const expected = state.isRefused ? { status: refusalStatus, body: null } : { status: 200, body: this.#work.answer }
    state.connection.send({ octets, ...expected })
  }

  #answered(state) {
    const now = performance.now()
    this.#open--
    this.#counts[state.isRefused ? 'refused' : 'allowed']++
    if (this.#isCounting) {
      this.#counted++
      this.#latencies.add(now - state.dueAt)
    }
    if (this.#isOver) return
    if (this.#order.rate === null) this.#send(state, now)
    else if (this.#due.length > 0) this.#send(state, this.#due.shift())
    else this.#idle.push(state)
  }

  /** What is under way is waited for: each request that was sent is to be found at the upstream. */
  async #end() {
    this.#isOver = true
    while (this.#open > 0) await later(1)
  }
}

/*
 * Question: what does it cost when a worker is killed under load? Every client keeps its connection and has one request in
 * flight at a time, each with an id of its own, which the upstream notes and answers with. The upstream withholds its
 * answers while the worker dies, so that it is known to the request what was in flight on whom.
 */
import process from 'node:process'
import t, { type Test } from 'tap'
import { askAdmin } from '../fixtures/admin-client.ts'
import { type GatewayProcess, startGatewayProcess } from '../fixtures/gateway-process.ts'
import { aRequest } from '../fixtures/live-token.ts'
import { openRaw, type RawConnection } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { until } from '../fixtures/until.ts'
import { withoutLimits } from '../fixtures/without-limits.ts'
import { ownerOf, workersOf } from '../fixtures/worker-processes.ts'

const clientCount = 24

/** An upstream that takes 50 to 90 ms, or as long as it is told to hold. */
async function startUpstream(t: Test) {
  const held: (() => void)[] = []
  const state = { isHolding: false }
  const recorder = await startRecorder(t, (request, response) => {
    const id = String(request.headers['idempotency-key'])
    const answer = (): void => void response.end(id)
    if (state.isHolding) held.push(answer)
    else setTimeout(answer, 50 + (Number(id.replace(/\D/g, '')) % 40))
  })
  return {
    recorder,
    held,
    hold() {
      state.isHolding = true
    },
    release() {
      state.isHolding = false
      for (const answer of held.splice(0)) answer()
    },
  }
}

/** What became of the requests of all clients, by id. */
class Account {
  readonly sent = new Set<string>()
  readonly answered = new Set<string>()
  readonly lost = new Set<string>()
  readonly wrong: string[] = []
}

/** A client that keeps its connection for as long as it lasts, and sends a POST and a GET by turns. */
class Client {
  readonly #name: string
  readonly #account: Account
  connection: RawConnection | undefined
  inFlight = ''

  constructor(name: string, account: Account) {
    this.#name = name
    this.#account = account
  }

  async connect(t: Test, { url }: GatewayProcess): Promise<void> {
    this.connection = await openRaw(t, url)
  }

  get localPort(): number {
    return this.connection?.socket.localPort ?? 0
  }

  /** @returns at the first request without an answer, or when it is over */
  async run(isOver: () => boolean): Promise<void> {
    const { sent, answered, lost, wrong } = this.#account
    while (!isOver()) {
      const id = `${this.#name}-${sent.size}`
      this.inFlight = id
      sent.add(id)
      this.connection?.send(messageOf(id, sent.size % 2 === 0))
      const answer = await this.connection?.answer().catch(() => undefined)
      if (answer === undefined) {
        lost.add(id)
        return
      }
      if (answer.status === 200 && answer.body === id) answered.add(id)
      else wrong.push(`${id}: ${answer.status} ${answer.body}`)
    }
  }
}

function messageOf(id: string, isGet: boolean): string {
  if (isGet) return aRequest({ lines: [`Idempotency-Key: ${id}`] })
  const body = JSON.stringify({ id })
  const lines = [`Idempotency-Key: ${id}`, `Content-Length: ${body.length}`]
  return aRequest({ method: 'POST', target: '/api/payments/', lines, body })
}

t.test(
  'a worker killed under load costs the requests in flight on it, no other, and is replaced within 2 s',
  async t => {
    const upstream = await startUpstream(t)
    const api = upstream.recorder.url
    const startedAt = performance.now()
    const config = { workers: 2, ...withoutLimits(api) }
    const gateway = await startGatewayProcess(t, { folder: t.testdir(), api, config })
    const startMs = performance.now() - startedAt
    const firstWorkers = workersOf(gateway)
    const account = new Account()
    let isOver = false
    const clients = Array.from({ length: clientCount }, (_, index) => new Client(`client${index}`, account))
    for (const client of clients) await client.connect(t, gateway)
    const firstRuns = clients.map(client => client.run(() => isOver))
    await until(
      () => account.answered.size,
      size => size >= 200,
    )

    upstream.hold()
    await until(
      () => upstream.held.length,
      length => length === clientCount,
    )
    const [victim] = firstWorkers
    const served = clients.filter(client => ownerOf(gateway, client.localPort) === victim)
    const others = clients.filter(client => !served.includes(client))
    t.ok(served.length > 0 && others.length > 0, `${served.length} and ${others.length} clients of ${clientCount}`)
    const expected = new Set(served.map(({ inFlight }) => inFlight))

    const killedAt = performance.now()
    process.kill(victim as number, 'SIGKILL')
    await Promise.all(served.map(client => firstRuns[clients.indexOf(client)]))
    upstream.release()
    t.same(account.lost, expected, 'what was in flight on the worker is lost, and nothing else')

    const { workers } = await until(
      () => statusOf(gateway),
      status => status.workers.restarts === 1 && status.workers.live === 2,
    )
    await untilServedByAnother(t, gateway, firstWorkers)
    const replacedMs = performance.now() - killedAt
    t.comment(`the new worker served after ${Math.round(replacedMs)} ms; the start had taken ${Math.round(startMs)} ms`)
    // Two seconds; on a machine that is busy with other things, what the start of keeper and workers took on it.
    t.ok(replacedMs < Math.max(2000, 2 * startMs))
    t.same(workers, { configured: 2, live: 2, restarts: 1 })

    // Those that lost their connection come back, and the load goes on for a while.
    for (const client of served) await client.connect(t, gateway)
    const goal = account.answered.size + 200
    const laterRuns = served.map(client => client.run(() => isOver))
    await until(
      () => account.answered.size,
      size => size >= goal,
    )
    isOver = true
    await Promise.all([...firstRuns, ...laterRuns])

    t.same(account.wrong, [])
    t.same(account.lost, expected, 'nothing was lost later')
    t.equal(account.sent.size, account.answered.size + account.lost.size, 'every request is accounted for')
    const done = upstream.recorder.requests.map(({ fields }) => idIn(fields)).filter(id => id !== '')
    t.equal(new Set(done).size, done.length, 'the upstream did none twice')
    t.same(new Set(done), account.sent, 'and each once')
  },
)

async function statusOf({ adminUrl }: GatewayProcess) {
  return JSON.parse((await askAdmin(adminUrl, '/status')).text)
}

/** Opens connections until one is served by a process that was not there before. */
async function untilServedByAnother(t: Test, gateway: GatewayProcess, known: readonly number[]): Promise<void> {
  for (;;) {
    const { socket, send, answer } = await openRaw(t, gateway.url)
    send(aRequest({}))
    await answer()
    const owner = ownerOf(gateway, socket.localPort ?? 0)
    socket.destroy()
    if (owner !== undefined && !known.includes(owner)) return
  }
}

function idIn(fields: readonly string[]): string {
  const index = fields.findIndex(field => field.toLowerCase() === 'idempotency-key')
  return index < 0 ? '' : (fields[index + 1] ?? '')
}

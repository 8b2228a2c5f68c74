/*
 * Question: what do clients see, and what is done twice, while the upstream is killed and restarted again and again?
 * The upstream here counts how often it did what each key stands for. It notes the keys that it has done, as Forage does,
 * and the notes outlive it; a second execution would be one that the gateway's retry caused and nobody could undo.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import t from 'tap'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aRequest } from '../fixtures/live-token.ts'
import { logFileIn } from '../fixtures/log-file.ts'
import { exchangeRaw } from '../fixtures/raw-connection.ts'

const restarts = 20
const clients = 12

/** What outlives the upstream's process. */
const executed = new Map<string, number>()
const deliveries = new Map<string, number>()

function serve(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const key = String(request.headers['idempotency-key'] ?? request.headers['x-id'])
    deliveries.set(key, (deliveries.get(key) ?? 0) + 1)
    if (request.method === 'POST' && !executed.has(key)) executed.set(key, 1)
    else if (request.method === 'POST' && request.headers['idempotency-key'] === undefined)
      executed.set(key, (executed.get(key) ?? 0) + 1)
    const body = JSON.stringify({ key, sent: Buffer.concat(chunks).toString() })
    setImmediate(() => response.writeHead(200, { 'Content-Type': 'application/json' }).end(body))
  })
}

interface Running {
  readonly port: number
  kill(): Promise<void>
}

/** An upstream whose connections are reset when it is killed, as the kernel does for a dead process. */
async function startUpstream(port = 0): Promise<Running> {
  const sockets = new Set<Socket>()
  const server: Server = createServer(serve)
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    kill: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of sockets) socket.resetAndDestroy()
      }),
  }
}

t.test(
  'an upstream that is killed twenty times under load does nothing twice, and every client is answered',
  async t => {
    let upstream = await startUpstream()
    const { port } = upstream
    const file = logFileIn(t.testdir())
    const gateway = await startForwarding(t, `http://127.0.0.1:${port}`, { connections: 4 }, { log: file.log })
    const statuses = new Map<number, number>()
    let asked = 0
    let isOver = false

    async function askOn(): Promise<void> {
      while (!isOver) {
        const id = String(++asked)
        const kind = asked % 3
        const body = JSON.stringify({ id })
        const keyed = [`Idempotency-Key: ${id}`, `Content-Length: ${body.length}`]
        const plain = [`X-Id: ${id}`, `Content-Length: ${body.length}`]
        const post = { method: 'POST', target: '/api/payments/', body }
        const message =
          kind === 0 ? aRequest({ lines: [`X-Id: ${id}`] }) : aRequest({ ...post, lines: kind === 1 ? keyed : plain })
        const answer = await exchangeRaw(t, gateway.url, message)
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
        if (answer.status === 200) {
          const told = JSON.parse(answer.body)
          if (told.key !== id || (kind !== 0 && told.sent !== body)) t.fail(`${id} got the answer of ${told.key}`)
        } else if (JSON.parse(answer.body).errors[0].code !== 'upstream_unavailable') t.fail(answer.body)
      }
    }

    const load = Array.from({ length: clients }, askOn)
    for (let count = 0; count < restarts; count++) {
      const goal = asked + 30
      while (asked < goal) await new Promise(resolve => setImmediate(resolve))
      await upstream.kill()
      upstream = await startUpstream(port)
    }
    isOver = true
    await Promise.all(load)
    await upstream.kill()
    await gateway.stop()

    const answered = [...statuses.values()].reduce((sum, count) => sum + count, 0)
    t.equal(answered, asked, 'every client got an answer')
    t.same(
      [...executed].filter(([, count]) => count > 1),
      [],
      'nothing was done twice',
    )
    t.same(
      [...deliveries].filter(([, count]) => count > 2),
      [],
      'nothing was sent a third time',
    )
    const retried = file.lines().filter(({ retries }) => retries !== undefined)
    t.same([...new Set(retried.map(({ retries }) => retries))], [1], 'the log tells which were sent twice')
    const failed = answered - (statuses.get(200) ?? 0)
    t.comment(
      `${answered} requests, ${restarts} restarts: ${retried.length} sent again, ${failed} errors (${((100 * failed) / answered).toFixed(1)} %)`,
    )
    t.ok(failed < answered / 2, 'most requests are served')
  },
)

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Herd } from '../fixtures/client-herd.ts'
import { startGatewayProcess } from '../fixtures/gateway-process.ts'
import { at } from '../fixtures/http-client.ts'
import { aPost, aRequest } from '../fixtures/live-token.ts'
import { exchangeRaw, openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { until } from '../fixtures/until.ts'
import { withoutLimits } from '../fixtures/without-limits.ts'
import { openFiles } from '../fixtures/worker-processes.ts'

const herd = fileURLToPath(new URL('../fixtures/client-herd.js', import.meta.url))
const rounds = 3
const uploading = 10
const downloading = 10
const waiting = 10
const connections = uploading + downloading + waiting

t.test('clients whose process is killed leave nothing behind, whatever they were at', async t => {
  // More than the system holds for a client that does not read; and no answer at all on the third target.
  const long = Buffer.alloc(32 * 1024 * 1024)
  const upstream = await startRecorder(t, ({ url }, response) => {
    if (url === '/api/orders/long/') response.end(long)
    else if (url !== '/api/orders/never/') response.end('{}')
  })
  // A slot that is lost would be one too few in the next round.
  const config = withoutLimits(upstream.url, { connections, headersTimeoutMs: 60_000 })
  const gateway = await startGatewayProcess(t, { folder: t.testdir(), api: upstream.url, config })
  const pid = gateway.process.pid as number
  const half = aPost('x'.repeat(100_000)).slice(0, -1)
  const messages = [
    ...Array(uploading).fill(half),
    ...Array(downloading).fill(aRequest({ target: '/api/orders/long/' })),
    ...Array(waiting).fill(aRequest({ target: '/api/orders/never/' })),
  ]
  t.equal((await exchangeRaw(t, gateway.url, aRequest({}))).status, 200)
  const filesBefore = socketsOf(pid)

  for (let round = 1; round <= rounds; round++) {
    const program = fork(herd)
    t.teardown(() => void program.kill('SIGKILL'))
    program.send({ ...at(gateway.url), messages } satisfies Herd)
    await until(upstream.open, open => open === connections)
    program.kill('SIGKILL')
    await once(program, 'exit')
    // One may stay for the next request.
    await until(upstream.open, open => open <= 1)
    await until(
      () => socketsOf(pid),
      files => files <= filesBefore,
    )
    t.pass(`round ${round}: the upstream was told, and no connection is left open`)
  }

  const clients = await Promise.all(Array.from({ length: connections }, () => openRaw(t, gateway.url)))
  for (const { send } of clients) send(aRequest({}))
  const answers = await Promise.all(clients.map(client => client.answer()))
  t.same(new Set(answers.map(({ status }) => status)), new Set([200]))
  const partial = upstream.requests.filter(({ method }) => method === 'POST')
  t.same(partial, [], 'no upload that broke off came through as a request')
})

function socketsOf(pid: number): number {
  return openFiles(pid).filter(name => name.startsWith('socket:')).length
}

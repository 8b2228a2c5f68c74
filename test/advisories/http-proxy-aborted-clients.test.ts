// http-proxy 1.18.1 waits for the request's 'aborted' event to end its side of an exchange. Node no longer emits it in
// these cases: every client that hangs up leaves an upstream connection open for as long as the upstream holds it.
import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { aConfig } from '../fixtures/config.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { startHttpProxy } from '../fixtures/http-proxy.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { aToken } from '../fixtures/token.ts'

const clients = 20
const token = aToken({ claims: { a: 1, exp: Math.floor(Date.now() / 1000) + 600 } })
const message = `GET /api/orders/abc/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`

/** Clients that ask, and hang up once all their requests are at an upstream that never answers. */
async function hangUp(url: string, haveArrived: () => boolean): Promise<void> {
  const { hostname, port } = new URL(url)
  const sockets = Array.from({ length: clients }, () => connect(Number(port), hostname).on('error', () => {}))
  for (const socket of sockets) socket.write(message)
  while (!haveArrived()) await new Promise(setImmediate)
  for (const socket of sockets) socket.destroy()
  await Promise.all(sockets.map(socket => socket.closed || once(socket, 'close')))
}

t.test('clients of http-proxy 1.18.1 that hang up leave their upstream connections open', async t => {
  const recorder = await startRecorder(t, () => {})
  const url = await startHttpProxy(t, recorder.url)
  await hangUp(url, () => recorder.requests.length === clients)
  // A whole request more, so that whatever was going to be closed has been.
  await fetch(recorder.url, { signal: AbortSignal.timeout(300) }).catch(() => {})
  t.equal(recorder.open() >= clients, true)
})

t.test('clients of the gateway that hang up leave none', async t => {
  const recorder = await startRecorder(t, () => {})
  const gateway = await startGateway(t, aConfig(recorder.url))
  await hangUp(gateway.url, () => recorder.requests.length === clients)
  while (recorder.open() > 0) await new Promise(setImmediate)
  t.equal(recorder.open(), 0)
})

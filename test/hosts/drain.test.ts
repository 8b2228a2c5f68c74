import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { drain } from '../../src/hosts/drain.ts'
import { watchSockets } from '../../src/hosts/open-sockets.ts'
import { askAdmin } from '../fixtures/admin-client.ts'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { at } from '../fixtures/http-client.ts'
import { aPost, aRequest } from '../fixtures/live-token.ts'
import { logFileIn } from '../fixtures/log-file.ts'
import { exchangeRaw, openRaw } from '../fixtures/raw-connection.ts'
import { listenOnLoopback, startRecorder } from '../fixtures/recorder.ts'
import { startScriptedUpstream } from '../fixtures/scripted-upstream.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

t.test('a request in flight is answered while the gateway stops, with Connection: close', async t => {
  const upstream = await startScriptedUpstream(t)
  const gateway = await startForwarding(t, upstream.url)
  const client = await openRaw(t, gateway.url)
  client.send(aPost('{}'))
  const { socket, until } = await upstream.connection(0)
  await until('{}')
  const stopped = gateway.stop()
  socket.write(ok)
  const answer = await client.answer()
  t.same([answer.status, answer.field('connection')], [200, 'close'])
  await stopped
  t.equal(gateway.url, '')
})

t.test('a body that is half sent may be finished while the gateway stops', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url)
  const client = await openRaw(t, gateway.url)
  const message = aPost('hello')
  client.send(message.slice(0, -2))
  // The gateway knows of it once it has answered on another connection that was opened later.
  await exchangeRaw(t, gateway.url, aRequest({}))
  const stopped = gateway.stop()
  client.send(message.slice(-2))
  t.equal((await client.answer()).status, 200)
  await stopped
  t.equal(recorder.requests.at(-1)?.body.toString(), 'hello')
})

t.test(
  'a request that is on its way on an idle connection when the gateway stops is answered, and so is its refusal',
  async t => {
    const recorder = await startRecorder(t)
    const gateway = await startForwarding(t, recorder.url)
    const clients = await Promise.all([openRaw(t, gateway.url), openRaw(t, gateway.url)])
    for (const client of clients) {
      client.send(aRequest({}))
      t.equal((await client.answer()).field('connection'), 'keep-alive')
    }
    const stopped = gateway.stop()
    clients[0]?.send(aPost('{}'))
    clients[1]?.send(aRequest({ target: '/o/token/' }))
    const answers = await Promise.all(clients.map(client => client.answer()))
    t.same(
      answers.map(answer => [answer.status, answer.field('connection')]),
      [
        [200, 'close'],
        [403, 'close'],
      ],
    )
    await stopped
  },
)

t.test('an idle connection ends when the gateway stops, and no new one is accepted', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url)
  const { url } = gateway
  const client = await openRaw(t, url)
  client.send(aRequest({}))
  await client.answer()
  const stopped = gateway.stop()
  t.equal(await client.closed, '')
  await stopped
  await t.rejects(openRaw(t, url), { code: 'ECONNREFUSED' })
})

t.test('what is left when the time is over is cut, which the log tells, and the gateway stops', async t => {
  const upstream = await startScriptedUpstream(t)
  const file = logFileIn(t.testdir())
  const gateway = await startForwarding(t, upstream.url, {}, { drainTimeoutMs: 100, log: file.log })
  const client = await openRaw(t, gateway.url)
  const silent = await openRaw(t, gateway.url)
  client.send(aRequest({}))
  const { closed, until } = await upstream.connection(0)
  await until('\r\n\r\n')
  await gateway.stop()
  t.same(await Promise.all([client.closed, silent.closed]), ['', ''])
  await closed
  t.match(
    file.lines().filter(({ event }) => event === 'requests_cut'),
    [{ requests: 1 }],
  )
  t.equal(file.lines().filter(({ status }) => status === 499).length, 1)
})

t.test('where nothing is left, nothing is told to be cut', async t => {
  const recorder = await startRecorder(t)
  const file = logFileIn(t.testdir())
  const gateway = await startForwarding(t, recorder.url, {}, { log: file.log })
  const client = await openRaw(t, gateway.url)
  client.send(aRequest({}))
  await client.answer()
  await gateway.stop()
  t.notMatch(file.text(), 'requests_cut')
})

t.test('under load no request is lost: each is answered, or its connection was refused or ended before it', async t => {
  const recorder = await startRecorder(t, (_request, response) => setTimeout(() => response.end('{}'), 5))
  const gateway = await startForwarding(t, recorder.url)
  let answered = 0
  const clients = await Promise.all(Array.from({ length: 20 }, () => openRaw(t, gateway.url)))
  const loads = clients.map(async ({ send, answer, socket }) => {
    for (;;) {
      send(aPost('{"a":1}'))
      const { status, field } = await answer()
      t.equal(status, 200)
      answered++
      if (answered === 100) loadIsOn()
      if (field('connection') === 'close') break
    }
    if (!socket.destroyed) await once(socket, 'close')
  })
  let loadIsOn = () => {}
  await new Promise<void>(resolve => {
    loadIsOn = resolve
  })
  await Promise.all([gateway.stop(), ...loads])
  t.equal(recorder.requests.length, answered)
})

t.test('a gateway that is stopped twice, or was never started, stops without complaint', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url)
  await gateway.stop()
  await gateway.stop()
  t.equal(gateway.url, '')
})

t.test('a connection that never sent a request ends with the grace, long before the time is over', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url, {}, { drainTimeoutMs: 600_000 })
  const silent = await openRaw(t, gateway.url)
  await gateway.stop()
  t.equal(await silent.closed, '')
})

t.test('an answer that a slow reader has not taken yet is not cut with the quiet connections', async t => {
  const size = 8 * 1024 * 1024
  const recorder = await startRecorder(t, (_request, response) => response.end(Buffer.alloc(size, 'x')))
  const gateway = await startForwarding(t, recorder.url, {}, { drainTimeoutMs: 60_000 })
  const client = await openRaw(t, gateway.url)
  const quiet = await openRaw(t, gateway.url)
  client.socket.pause()
  client.send(aRequest({}))
  // The answer is on its way once the upstream got the request.
  while (recorder.requests.length === 0) await new Promise(setImmediate)
  const stopped = gateway.stop()
  // The grace is over when the quiet connection has ended.
  await quiet.closed
  client.socket.resume()
  // The connection ends with the answer: all of it, behind its head.
  t.ok((await client.closed).length > size)
  await stopped
})

t.test('stop() called again while it runs is the same stop', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url)
  const stopped = gateway.stop()
  t.equal(gateway.stop(), stopped)
  await stopped
  t.equal(gateway.stop(), stopped)
})

t.test(
  'the admin listener tells during the drain that the gateway is alive and not ready, and closes last',
  async t => {
    const upstream = await startScriptedUpstream(t)
    const admin = { host: '127.0.0.1', port: 0, token: undefined }
    const gateway = await startForwarding(t, upstream.url, {}, { admin })
    const { adminUrl } = gateway
    t.match(await askAdmin(adminUrl, '/readyz'), { status: 200 })
    const client = await openRaw(t, gateway.url)
    client.send(aRequest({}))
    const { socket, until } = await upstream.connection(0)
    await until('\r\n\r\n')
    const stopped = gateway.stop()
    const ready = await askAdmin(adminUrl, '/readyz')
    t.match([ready.status, JSON.parse(ready.text).checks], [503, { draining: 'yes', load: 'fine' }])
    t.match(await askAdmin(adminUrl, '/livez'), { status: 200 })
    socket.write(ok)
    t.equal((await client.answer()).status, 200)
    await stopped
    await t.rejects(askAdmin(adminUrl, '/livez'), { code: 'ECONNREFUSED' })
  },
)

t.test('a server that does not listen has nothing to drain', async t => {
  await drain(createServer(), { timeoutMs: 1000 })
  t.pass('drained')
})

t.test('a drained server may not take another request from a connection that stays', async t => {
  const server = createServer((_request, response) => response.end('ok'))
  watchSockets(server)
  const url = await listenOnLoopback(t, server)
  const client = await openRaw(t, url)
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.answer()
  await drain(server, { timeoutMs: 5000 })
  t.equal(await client.closed, '')
})

t.test('for lameDuckMs new connections are accepted, and each answer is the last one of its connection', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url, {}, { lameDuckMs: 300 })
  const { url } = gateway
  const startedAt = performance.now()
  const stopped = gateway.stop()
  const answer = await exchangeRaw(t, url, aPost('{}'))
  t.same([answer.status, answer.field('connection')], [200, 'close'])
  await stopped
  t.ok(performance.now() - startedAt >= 299)
  await t.rejects(openRaw(t, url), { code: 'ECONNREFUSED' })
})

t.test('who waits to be accepted when the draining begins is served', async t => {
  const server = createServer((_request, response) => response.end('ok'))
  watchSockets(server)
  const url = await listenOnLoopback(t, server)
  // No turn of the event loop passes between these lines: the system has made the connections, the server has none yet.
  const clients = Array.from({ length: 50 }, () => connect(at(url)))
  const connected = clients.map(client => once(client, 'connect'))
  const drained = drain(server, { timeoutMs: 60_000 })
  await Promise.all(connected)
  for (const client of clients) client.end('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  const answers = await Promise.all(clients.map(client => text(client)))
  t.equal(answers.filter(answer => answer.startsWith('HTTP/1.1 200 OK')).length, 50)
  await drained
})

/** A server that somebody else connects to in every turn of the event loop. */
async function startBesieged(t: Test) {
  const server = createServer()
  watchSockets(server)
  await listenOnLoopback(t, server)
  const state = { turns: 0 }
  const nextTurn = async (): Promise<void> => {
    state.turns++
    server.emit(state.turns % 2 === 0 ? 'connection' : 'drop', new Socket())
  }
  return { server, nextTurn, state }
}

t.test('as many as may wait are let in, and not for ever those who come behind them', async t => {
  const { server, nextTurn, state } = await startBesieged(t)
  await drain(server, { timeoutMs: 60_000, nextTurn })
  t.equal(state.turns, 512)
})

t.test('where the time is over nobody more is let in', async t => {
  const { server, nextTurn, state } = await startBesieged(t)
  await drain(server, { timeoutMs: 0, nextTurn })
  t.equal(state.turns, 0)
})

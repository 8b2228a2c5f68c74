import { once } from 'node:events'
import t, { type Test } from 'tap'
import { type ForwardingServer, startForwardingServer } from '../fixtures/forwarding-server.ts'
import { openRaw, type RawConnection } from '../fixtures/raw-connection.ts'
import { type ScriptedUpstream, startScriptedUpstream } from '../fixtures/scripted-upstream.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`

interface Busy {
  readonly upstream: ScriptedUpstream
  readonly server: ForwardingServer
  readonly first: RawConnection
  /** Sends a request on a connection of its own, and ends when it has got in line. */
  ask(path: string): Promise<RawConnection>
  /** Targets in the order in which the upstream saw them. */
  targets(): string[]
}

/** A server with one connection to the upstream, on which one request is under way. The upstream answers nothing. */
async function startBusy(t: Test, options: Parameters<typeof startForwardingServer>[2] = {}): Promise<Busy> {
  const upstream = await startScriptedUpstream(t)
  const server = await startForwardingServer(t, upstream.url, { connections: 1, ...options })
  async function ask(path: string): Promise<RawConnection> {
    const client = await openRaw(t, server.url)
    const count = server.exchanges.length
    client.send(get(path))
    while (server.exchanges.length === count) await new Promise(resolve => setImmediate(resolve))
    return client
  }
  const first = await ask('/first')
  await (await upstream.connection(0)).until('/first')
  const targets = () =>
    upstream.connections.flatMap(({ received }) => [...received().matchAll(/GET (\S+)/g)].map(([, path = '']) => path))
  return { upstream, server, first, ask, targets }
}

t.test('requests that wait get their turn in the order in which they came', async t => {
  const { upstream, ask, targets, first } = await startBusy(t)
  const clients = [first, await ask('/a'), await ask('/b'), await ask('/c')]
  const { socket, until } = await upstream.connection(0)
  for (const [index, path] of ['/first', '/a', '/b', '/c'].entries()) {
    await until(`GET ${path} `)
    socket.write(ok)
    t.equal((await clients[index]?.answer())?.status, 200)
  }
  t.same(targets(), ['/first', '/a', '/b', '/c'])
  t.equal(upstream.connections.length, 1)
})

t.test('one more than may wait is refused at once as overloaded, and the upstream never hears of it', async t => {
  const { server, ask, targets, first, upstream } = await startBusy(t, { waitingPerConnection: 2 })
  const waiting = [await ask('/a'), await ask('/b')]
  const refused = await ask('/c')
  t.equal((await refused.answer()).field('x-reason'), 'overloaded')
  t.match(server.outcomes, [{ end: 'refused', reason: 'overloaded', retries: 0, upstreamMs: undefined }])
  const { socket, until } = await upstream.connection(0)
  for (const path of ['/first', '/a', '/b']) {
    await until(`GET ${path} `)
    socket.write(ok)
  }
  for (const client of [first, ...waiting]) t.equal((await client.answer()).status, 200)
  t.same(targets(), ['/first', '/a', '/b'])
})

t.test('eight may wait for each connection unless told otherwise', async t => {
  const { ask, server } = await startBusy(t)
  for (let count = 0; count < 8; count++) await ask('/waits')
  t.equal(server.outcomes.length, 0)
  const refused = await ask('/too-many')
  t.equal((await refused.answer()).field('x-reason'), 'overloaded')
})

t.test('a client that leaves the line is never heard of upstream, and makes room for another', async t => {
  const { server, ask, targets, first, upstream } = await startBusy(t, { waitingPerConnection: 1 })
  const leaving = await ask('/leaves')
  leaving.socket.destroy()
  await server.ended(1)
  t.match(server.outcomes, [{ end: 'gone' }])
  const last = await ask('/stays')
  const { socket, until } = await upstream.connection(0)
  socket.write(ok)
  await first.answer()
  await until('/stays')
  socket.write(ok)
  t.equal((await last.answer()).status, 200)
  t.same(targets(), ['/first', '/stays'])
  t.equal(upstream.connections.length, 1)
})

t.test('who waited too long for a connection is refused as overloaded; who had one, as a time-out', async t => {
  const { server, ask, targets, first } = await startBusy(t, { headersTimeoutMs: 200 })
  const waiting = await ask('/waits')
  t.equal((await first.answer()).field('x-reason'), 'upstream_timeout')
  // Its own time in line may end first, or its turn come in the same moment.
  const reason = (await waiting.answer()).field('x-reason')
  t.ok(reason === 'overloaded' || reason === 'upstream_timeout')
  t.equal(reason === 'overloaded', !targets().includes('/waits'))
  t.equal(server.outcomes.length, 2)
})

t.test('a wait that is over before the first answer is refused as overloaded', async t => {
  const { ask, upstream, first, targets } = await startBusy(t, { headersTimeoutMs: 300, bodyTimeoutMs: 5000 })
  const { socket } = await upstream.connection(0)
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no')
  await once(first.socket, 'readable')
  const waiting = await ask('/waits')
  t.equal((await waiting.answer()).field('x-reason'), 'overloaded')
  socket.write('k')
  t.equal((await first.answer()).body, 'ok')
  t.same(targets(), ['/first'])
})

t.test('the time in line is not taken from the time that the upstream has', async t => {
  const { ask, upstream, first } = await startBusy(t, { headersTimeoutMs: 400 })
  const { socket, until } = await upstream.connection(0)
  const waiting = await ask('/waits')
  setTimeout(() => socket.write(ok), 250)
  await until('/waits')
  setTimeout(() => socket.write(ok), 250)
  t.equal((await first.answer()).status, 200)
  t.equal((await waiting.answer()).status, 200)
})

t.test('a client that leaves while its request is under way costs no further connection', async t => {
  const { server, upstream, first } = await startBusy(t)
  first.socket.destroy()
  await (await upstream.connection(0)).closed
  await server.ended(1)
  const client = await openRaw(t, server.url)
  client.send(get('/next'))
  const { socket, until } = await upstream.connection(1)
  await until('/next')
  socket.write(ok)
  await client.answer()
  t.equal(upstream.connections.length, 2)
})

t.test('a client that leaves while its connection is being made ends the attempt', async t => {
  const upstream = await startScriptedUpstream(t)
  let answerLookup = () => {}
  const server = await startForwardingServer(t, upstream.url.replace('127.0.0.1', 'upstream.test'), {
    lookup(_name, _options, callback) {
      answerLookup = () => callback(null, [{ address: '127.0.0.1', family: 4 }])
    },
  })
  const client = await openRaw(t, server.url)
  client.send(get('/a'))
  while (server.exchanges.length === 0) await new Promise(resolve => setImmediate(resolve))
  client.socket.destroy()
  await server.ended(1)
  answerLookup()
  await server.upstream.close()
  t.equal(upstream.connections.length, 0)
})

t.test('closing waits for what is under way and in line, and refuses what comes later', async t => {
  const { server, ask, upstream, first } = await startBusy(t)
  const waiting = await ask('/waits')
  let isClosed = false
  const closed = server.upstream.close().then(() => {
    isClosed = true
  })
  const late = await ask('/late')
  t.equal((await late.answer()).field('x-reason'), 'draining')
  const { socket, until, closed: ended } = await upstream.connection(0)
  socket.write(ok)
  t.equal((await first.answer()).status, 200)
  t.notOk(isClosed)
  // The connection was closed after the first answer; the one in line gets another.
  await Promise.race([ended, until('/waits')])
  const last = upstream.connections.at(-1) ?? (await upstream.connection(1))
  await last.until('/waits')
  last.socket.write(ok)
  t.equal((await waiting.answer()).status, 200)
  await closed
  t.ok(isClosed)
})

import t, { type Test } from 'tap'
import { startForwardingServer } from '../fixtures/forwarding-server.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { answering, type ScriptedUpstream, startScriptedUpstream } from '../fixtures/scripted-upstream.ts'

const get = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n'
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const withHint = (seconds: number) =>
  `HTTP/1.1 200 OK\r\nKeep-Alive: timeout=${seconds}\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok`

/** Sends requests one after the other, and tells over how many connections they went and how they ended. */
async function connectionsFor(
  t: Test,
  upstream: ScriptedUpstream,
  options: Parameters<typeof startForwardingServer>[2],
  between: (count: number) => Promise<unknown>,
): Promise<number> {
  const server = await startForwardingServer(t, upstream.url, { connections: 1, ...options })
  const client = await openRaw(t, server.url)
  for (let count = 0; count < 3; count++) {
    if (count > 0) await between(count)
    client.send(get)
    t.equal((await client.answer()).status, 200)
  }
  t.match(server.outcomes, [{ retries: 0 }, { retries: 0 }, { retries: 0 }])
  return upstream.connections.length
}

const later = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds))

t.test('a connection is used again while it is younger than its greatest age', async t => {
  const upstream = await startScriptedUpstream(t, answering(ok))
  t.equal(await connectionsFor(t, upstream, { maxConnectionAgeMs: 60_000 }, async () => {}), 1)
})

t.test('a connection that has passed its greatest age takes no more requests, and is closed', async t => {
  const upstream = await startScriptedUpstream(t, answering(ok))
  const between = async (count: number) => {
    await (await upstream.connection(count - 1)).closed
  }
  t.equal(await connectionsFor(t, upstream, { maxConnectionAgeMs: 1, idleTimeoutMs: 1 }, between), 3)
})

t.test('the address of a name is looked up again for every new connection', async t => {
  const upstream = await startScriptedUpstream(t, answering(ok))
  const { port } = new URL(upstream.url)
  const addresses = ['127.0.0.1', '127.0.0.1']
  const server = await startForwardingServer(t, `http://upstream.test:${port}`, {
    maxConnectionAgeMs: 1,
    idleTimeoutMs: 1,
    lookup: (_name, _options, callback) => callback(null, [{ address: addresses.shift() as string, family: 4 }]),
  })
  const client = await openRaw(t, server.url)
  for (const index of [0, 1]) {
    client.send(get)
    t.equal((await client.answer()).status, 200)
    await (await upstream.connection(index)).closed
  }
  t.same(addresses, [])
})

t.test('an idle connection is closed before the upstream would', async t => {
  const upstream = await startScriptedUpstream(t, answering(ok))
  const server = await startForwardingServer(t, upstream.url, { idleTimeoutMs: 50 })
  const client = await openRaw(t, server.url)
  client.send(get)
  await client.answer()
  await (await upstream.connection(0)).closed
  t.pass('closed by us: the upstream closes nothing by itself')
})

t.test('an upstream that closes idle connections after a second and says so is never used too late', async t => {
  const upstream = await startScriptedUpstream(t, async connection => {
    let idle: NodeJS.Timeout | undefined
    connection.socket.on('data', () => clearTimeout(idle)).on('close', () => clearTimeout(idle))
    await answering(withHint(1), socket => {
      idle = setTimeout(() => socket.resetAndDestroy(), 1000)
    })(connection)
  })
  // A hint of a second leaves no time in which the connection could be used safely.
  t.equal(await connectionsFor(t, upstream, {}, () => later(990)), 3)
})

t.test('a longer hint keeps the connection for longer than the default', async t => {
  const upstream = await startScriptedUpstream(t, answering(withHint(30)))
  t.equal(await connectionsFor(t, upstream, { idleTimeoutMs: 20 }, () => later(60)), 1)
})

t.test('an upstream that closes idle connections without a word costs no answer', async t => {
  const upstream = await startScriptedUpstream(
    t,
    answering(ok, socket => setImmediate(() => socket.end())),
  )
  const server = await startForwardingServer(t, upstream.url, { connections: 1 })
  const client = await openRaw(t, server.url)
  for (let count = 0; count < 50; count++) {
    client.send(get)
    t.equal((await client.answer()).status, 200)
  }
})

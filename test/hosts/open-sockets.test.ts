import { once } from 'node:events'
import { createServer } from 'node:http'
import t from 'tap'
import { enter } from '../../src/hosts/connection.ts'
import { socketsOf, watchSockets } from '../../src/hosts/open-sockets.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { listenOnLoopback } from '../fixtures/recorder.ts'

t.test('a server that is not watched has no sockets to end', async t => {
  t.equal(socketsOf(createServer()), undefined)
})

t.test(
  'quiet connections end, those that sent something since or are owed an answer do not, and a cut ends all',
  async t => {
    const server = createServer((request, response) => void enter(request.socket, response))
    const sockets = watchSockets(server)
    t.equal(socketsOf(server), sockets)
    const url = await listenOnLoopback(t, server)
    const [silent, speaking, owed] = [await openRaw(t, url), await openRaw(t, url), await openRaw(t, url)]
    const asked = once(server, 'request')
    owed.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await asked
    sockets.endQuiet(0)
    t.same([silent.socket.closed, speaking.socket.closed], [false, false], 'the first look only takes note')
    const heard = once(server, 'request')
    speaking.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await heard
    sockets.endQuiet(0)
    t.equal(await silent.closed, '')
    sockets.endQuiet(60_000)
    t.equal(sockets.cut(), 2, 'requests that are not answered')
    t.equal(sockets.cut(), 0, 'they are counted once')
    t.same(await Promise.all([speaking.closed, owed.closed]), ['', ''])
  },
)

t.test('a connection is quiet for a while before it ends', async t => {
  const server = createServer()
  const sockets = watchSockets(server)
  const accepted = once(server, 'connection')
  const client = await openRaw(t, await listenOnLoopback(t, server))
  await accepted
  const startedAt = performance.now()
  const look = setInterval(() => sockets.endQuiet(100), 10)
  t.teardown(() => clearInterval(look))
  await client.closed
  t.ok(performance.now() - startedAt >= 99)
})

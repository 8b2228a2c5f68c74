// A client asks for something large and does not read it. As soon as the upstream has sent the last piece, the exchange
// is over, and with it every deadline; but up to 64 KiB of that piece, and the connection, stay for as long as the client
// likes: Node.js has no time limit for writing. A few thousand such connections use up the file descriptors.

import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { createHttpServer } from '../../src/hosts/http-server.ts'
import { at } from '../fixtures/http-client.ts'
import { listenOnLoopback } from '../fixtures/recorder.ts'

const options = { maxHeaderBytes: 16_384, clientTimeoutMs: 200, maxConnections: 10 }
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

/** More than the system holds for a connection. */
const large = Buffer.alloc(16 * 1024 * 1024, 'x')

t.test('a client that never reads the last piece of its answer is ended', async t => {
  const server = createHttpServer(options, (_request, response) => response.end(large))
  const url = await listenOnLoopback(t, server)
  const client = connect(at(url)).pause()
  client.on('error', () => {})
  t.teardown(() => void client.destroy())
  const [socket] = await Promise.all([once(server, 'connection'), once(client, 'connect')])
  client.write(get)
  await once(socket[0], 'close')
  t.pass('ended')
})

t.test('a client that reads slowly, but goes on, gets the whole of it', async t => {
  const server = createHttpServer({ ...options, clientTimeoutMs: 1000 }, (_request, response) => response.end(large))
  const url = await listenOnLoopback(t, server)
  const startedAt = performance.now()
  let octets = 0
  const client = connect(at(url))
  t.teardown(() => void client.destroy())
  client.write(get)
  client.on('data', chunk => {
    octets += chunk.length
    client.pause()
    // 16 MiB in pieces of 64 KiB: longer in all than the time for one pause.
    setTimeout(() => client.resume(), 10)
    if (octets > large.length) client.destroy()
  })
  await once(client, 'close')
  t.ok(octets > large.length)
  t.ok(performance.now() - startedAt > 1000)
})

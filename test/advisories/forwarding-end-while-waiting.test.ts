/*
 * Weakness: an answer that ends with its connection (no framing, HTTP/1.0, or cut off under `Connection: close`) came to its
 * end while it was held back for a client that did not take it at once: one that had pipelined a second request was
 * enough. undici 7 then failed an assertion in a socket's event, which ends the process: anybody with a session token and
 * an upstream, or an edge in front of it, that closes its connections could stop the gateway.
 *
 * Defence: at the end of its connection an answer is held back no longer (`UpstreamConnection` in
 * src/forwarding/connection.ts). All of it has been read by then.
 */
import { once } from 'node:events'
import t from 'tap'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { asIfSlow, startForwardingServer } from '../fixtures/forwarding-server.ts'
import { aRequest } from '../fixtures/live-token.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { startScriptedUpstream } from '../fixtures/scripted-upstream.ts'

const closes = 'HTTP/1.1 200 OK\r\nConnection: close\r\n'

for (const [name, head, outcome] of [
  ['no framing at all', 'HTTP/1.1 200 OK\r\n\r\n', { end: 'complete' }],
  ['Connection: close', `${closes}\r\n`, { end: 'complete' }],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\n', { end: 'complete' }],
  ['half of its length', `${closes}Content-Length: 6\r\n\r\n`, { end: 'cut', reason: 'upstream_invalid' }],
  ['half a chunk', `${closes}Transfer-Encoding: chunked\r\n\r\n6\r\n`, { end: 'cut', reason: 'upstream_invalid' }],
] as const) {
  t.test(`the process survives the end of an answer with ${name} while it is held back for a slow client`, async t => {
    const upstream = await startScriptedUpstream(t)
    const server = await startForwardingServer(t, upstream.url, {}, asIfSlow)
    const client = await openRaw(t, server.url)
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const { socket, until } = await upstream.connection(0)
    await until('\r\n\r\n')
    socket.write(`${head}abc`)
    await once(client.socket, 'data')
    socket.end()
    await server.ended(1)
    t.match(server.outcomes, [{ ...outcome, bytesOut: 3 }])
    if (outcome.end === 'complete') t.equal((await client.answer()).body, 'abc')
    else await t.rejects(client.answer(), /ended within an answer/)
  })
}

t.test('an answer that ends with its connection while it waits for the one before it arrives whole', async t => {
  const upstream = await startScriptedUpstream(t)
  const gateway = await startForwarding(t, upstream.url)
  const client = await openRaw(t, gateway.url)
  client.send(aRequest({ target: '/api/orders/a/' }) + aRequest({ target: '/api/orders/b/' }))
  const [first, second] = [await upstream.connection(0), await upstream.connection(1)]
  await Promise.all([first.until('\r\n\r\n'), second.until('\r\n\r\n')])
  second.socket.end(`${closes}\r\n${'x'.repeat(20_000)}`)
  await second.closed
  first.socket.end(`${closes}Content-Length: 5\r\n\r\nfirst`)
  t.equal((await client.answer()).body, 'first')
  t.equal((await client.answer()).body, 'x'.repeat(20_000))
})

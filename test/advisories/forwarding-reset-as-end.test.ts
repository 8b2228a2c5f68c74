/*
 * Weakness: an answer without length and chunks ends with its connection. undici 7 takes a reset of the connection for
 * that end, so half an answer reached the client as a whole one. Worse, when the answer was held back for a client that
 * reads slowly, undici failed an assertion in a socket's event, which ends the process: an upstream, or whoever can reset
 * its connections, could stop the gateway.
 *
 * Defence: undici is not shown that the error is a reset (`maskReset` in src/forwarding/connector.ts).
 */
import { once } from 'node:events'
import t from 'tap'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { asIfSlow, startForwardingServer } from '../fixtures/forwarding-server.ts'
import { aRequest } from '../fixtures/live-token.ts'
import { logFileIn } from '../fixtures/log-file.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { startScriptedUpstream } from '../fixtures/scripted-upstream.ts'

for (const [name, head] of [
  ['no framing at all', 'HTTP/1.1 200 OK\r\n\r\n'],
  ['Connection: close', 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\n'],
] as const) {
  for (const end of ['reset', 'end'] as const) {
    const how = end === 'reset' ? 'reaches the client as cut' : 'is complete'
    t.test(`an answer with ${name} whose connection ends by a ${end} ${how}`, async t => {
      const upstream = await startScriptedUpstream(t)
      const file = logFileIn(t.testdir())
      const gateway = await startForwarding(t, upstream.url, {}, { log: file.log })
      const client = await openRaw(t, gateway.url)
      client.send(aRequest({}))
      const { socket, until } = await upstream.connection(0)
      await until('\r\n\r\n')
      socket.write(`${head}abc`)
      await once(client.socket, 'data')
      if (end === 'reset') {
        socket.resetAndDestroy()
        await t.rejects(client.answer(), /ended within an answer/)
      } else {
        socket.end('def')
        t.equal((await client.answer()).body, 'abcdef')
      }
      await gateway.stop()
      t.equal(file.lines()[0]?.reason, end === 'reset' ? 'upstream_reset' : undefined)
    })
  }
}

for (const head of ['HTTP/1.1 200 OK\r\n\r\n', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\n']) {
  t.test(`the process survives a reset while ${JSON.stringify(head)} is held back for a slow client`, async t => {
    const upstream = await startScriptedUpstream(t)
    const server = await startForwardingServer(t, upstream.url, {}, asIfSlow)
    const client = await openRaw(t, server.url)
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const { socket, until } = await upstream.connection(0)
    await until('\r\n\r\n')
    socket.write(`${head}abc`)
    await once(client.socket, 'data')
    socket.resetAndDestroy()
    await server.ended(1)
    t.match(server.outcomes, [{ end: 'cut', reason: 'upstream_reset', bytesOut: 3 }])
    await t.rejects(client.answer(), /ended within an answer/)
  })
}

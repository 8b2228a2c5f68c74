/*
 * Attack: Node's parser takes requests that call themselves HTTP/0.9 or HTTP/2.0, and Transfer-Encoding in HTTP/1.0. The
 * gateway forwarded them as HTTP/1.1. Whoever stands in front of it may frame such messages in another way (RFC 9112
 * §6.1), and a second request hides in the difference.
 *
 * And the other way round: to an HTTP/1.0 client a body without a length ends with the connection. When the upstream's
 * answer broke off, the gateway ended that connection in good order, and half an answer looked complete.
 */
import t from 'tap'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aRequest } from '../fixtures/live-token.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { startScriptedUpstream } from '../fixtures/scripted-upstream.ts'

for (const [version, lines, body] of [
  ['HTTP/0.9', [], ''],
  ['HTTP/2.0', [], ''],
  ['HTTP/1.0', ['Transfer-Encoding: chunked'], '0\r\n\r\n'],
  ['HTTP/1.0', ['Transfer-Encoding: chunked', 'Connection: keep-alive'], '0\r\n\r\n'],
] as const) {
  t.test(`a request of ${version} ${lines.join(', ')} is refused, and its connection ends`, async t => {
    const recorder = await startRecorder(t)
    const gateway = await startForwarding(t, recorder.url)
    const client = await openRaw(t, gateway.url)
    client.send(aRequest({ version, lines, body }) + aRequest({}))
    const answer = await client.answer()
    t.same([answer.status, answer.field('connection')], [400, 'close'])
    t.equal(await client.closed, '')
    t.equal(recorder.connections(), 0)
  })
}

t.test('an HTTP/1.0 client sees a reset when the answer breaks off', async t => {
  const upstream = await startScriptedUpstream(t)
  const gateway = await startForwarding(t, upstream.url)
  const client = await openRaw(t, gateway.url)
  const fault = new Promise<NodeJS.ErrnoException>(resolve => client.socket.once('error', resolve))
  client.send(aRequest({ version: 'HTTP/1.0' }))
  const { socket, until } = await upstream.connection(0)
  await until('\r\n\r\n')
  socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')
  client.socket.once('data', () => socket.resetAndDestroy())
  t.equal((await fault).code, 'ECONNRESET')
})

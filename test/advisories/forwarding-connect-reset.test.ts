/*
 * Attack: on CONNECT Node takes all its listeners off the socket, also the one for 'error'. A client that sends CONNECT and
 * resets the connection made the socket emit an 'error' that nobody listened to, which ends the process: one packet from
 * anybody, without credentials, stopped the gateway.
 */
import { once } from 'node:events'
import t from 'tap'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aRequest } from '../fixtures/live-token.ts'
import { exchangeRaw, openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'

t.test('the gateway survives clients that send CONNECT and reset the connection', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url)
  for (let count = 0; count < 20; count++) {
    const client = await openRaw(t, gateway.url)
    client.socket.write('CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test\r\n\r\n', () =>
      client.socket.resetAndDestroy(),
    )
    await once(client.socket, 'close')
  }
  t.equal((await exchangeRaw(t, gateway.url, aRequest({}))).status, 200)
})

t.test('also when a request in flight stands before it', async t => {
  const recorder = await startRecorder(t, () => {})
  const gateway = await startForwarding(t, recorder.url)
  const client = await openRaw(t, gateway.url)
  const connect = 'CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test\r\n\r\n'
  client.socket.write(aRequest({}) + connect, () => client.socket.resetAndDestroy())
  await once(client.socket, 'close')
  const answer = await exchangeRaw(t, gateway.url, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  t.equal(answer.status, 401)
})

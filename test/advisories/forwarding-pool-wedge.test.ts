/*
 * Attack: undici's Pool loses a connection slot for ever for every request that undici itself refuses (a hop-by-hop field,
 * Expect, a bad value, a path with a space). With `connections: N`, N such requests and nothing is forwarded any more:
 * every later request hangs without an error. One client without credentials could stop all payments.
 *
 * Defence: what undici would refuse is refused or removed before `dispatch`. This test sends more of each kind than there
 * are connections, and then expects a plain request to be served.
 */
import t from 'tap'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aPost, aRequest } from '../fixtures/live-token.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'

const connections = 3

const kinds: Readonly<Record<string, string>> = {
  'Expect: 100-continue': aPost('{}', ['Expect: 100-continue']),
  'an unknown Expect': aPost('{}', ['Expect: 200-ok']),
  'Keep-Alive': aRequest({ lines: ['Keep-Alive: timeout=5'] }),
  TE: aRequest({ lines: ['TE: trailers'] }),
  'Transfer-Encoding on GET': aRequest({ lines: ['Transfer-Encoding: chunked'], body: '0\r\n\r\n' }),
  Upgrade: aRequest({ lines: ['Upgrade: websocket', 'Connection: Upgrade'] }),
  'Upgrade without Connection': aRequest({ lines: ['Upgrade: h2c'] }),
  'a Connection with an option that is no token': aRequest({ lines: ['Connection: "x", {}'] }),
  'a Connection with empty options': aRequest({ lines: ['Connection: ,,keep-alive,'] }),
  'an empty Connection': aRequest({ lines: ['Connection:'] }),
  'Connection: close twice': aRequest({ lines: ['Connection: close', 'Connection: close'] }),
  'a control character in a value': aRequest({ lines: ['X-A: a\x01b'] }),
  'DEL in a value': aRequest({ lines: ['X-A: a\x7fb'] }),
  'two Content-Type lines': aPost('{}', ['Content-Type: a/b', 'Content-Type: c/d']),
  'two Host lines': aRequest({ lines: ['Host: b'] }),
  'an odd Content-Length': aRequest({ lines: ['Content-Length: +0'] }),
  'a target with octets over 0x7f': aRequest({ target: '/api/orders/\xe9/' }),
  'a target with a space in its query': aRequest({ target: '/api/orders/abc/?a b' }),
  'OPTIONS *': aRequest({ method: 'OPTIONS', target: '*' }),
  'an absolute target': aRequest({ target: 'http://evil.test/api/orders/abc/' }),
  'a method of WebDAV': aRequest({ method: 'PROPFIND' }),
  'a body that is longer than announced': aRequest({ method: 'POST', lines: ['Content-Length: 1'], body: '{}' }),
  HEAD: aRequest({ method: 'HEAD' }),
}

for (const [kind, message] of Object.entries(kinds)) {
  t.test(`a plain request is served after ${connections + 5} requests with ${kind}`, async t => {
    const recorder = await startRecorder(t)
    const gateway = await startForwarding(t, recorder.url, { connections })
    for (let count = 0; count < connections + 5; count++) {
      const client = await openRaw(t, gateway.url)
      client.send(message)
      t.ok((await client.answer(kind === 'HEAD' ? 'HEAD' : 'GET')).status >= 200)
      client.socket.destroy()
    }
    const client = await openRaw(t, gateway.url)
    client.send(aRequest({}))
    t.equal((await client.answer()).status, 200)
  })
}

t.test('a plain request is served after clients went away while theirs waited for a connection', async t => {
  let isHanging = true
  const recorder = await startRecorder(t, (_request, response) => {
    if (!isHanging) response.end('ok')
  })
  const gateway = await startForwarding(t, recorder.url, { connections: 1 })
  const clients = await Promise.all(Array.from({ length: 8 }, () => openRaw(t, gateway.url)))
  for (const { send } of clients) send(aPost('{"a":1}'))
  await new Promise<void>(resolve => {
    const look = () => (recorder.requests.length > 0 ? resolve() : setImmediate(look))
    look()
  })
  isHanging = false
  for (const { socket } of clients) socket.destroy()
  const client = await openRaw(t, gateway.url)
  client.send(aRequest({}))
  t.equal((await client.answer()).status, 200)
  t.equal(recorder.requests.filter(({ method }) => method === 'POST').length, 1, 'what was given up is never sent')
})

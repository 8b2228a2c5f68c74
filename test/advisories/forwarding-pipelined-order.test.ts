/*
 * Weakness: requests that were pipelined on one connection were forwarded side by side, whatever they were, and reached
 * Forage in another order: those without a body first, chunked ones last. A capture could overtake its authorization
 * (RFC 9112 section 9.3.2 allows it for safe methods only).
 *
 * Defence: what is not safe waits until those in front of it are answered, and nothing passes it (src/hosts/held-request.ts).
 * It is decided about again when its turn has come: a revocation that was made meanwhile holds.
 */
import t from 'tap'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aPost, aRequest } from '../fixtures/live-token.ts'
import { logFileIn } from '../fixtures/log-file.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { startScriptedUpstream } from '../fixtures/scripted-upstream.ts'

const chunkedPost = (body: string) =>
  aRequest({
    method: 'POST',
    target: '/api/payments/',
    lines: ['Transfer-Encoding: chunked'],
    body: `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  })

t.test('pipelined POSTs arrive one after the other in their order, however they are framed', async t => {
  let underWay = 0
  let most = 0
  const recorder = await startRecorder(t, (_request, response) => {
    most = Math.max(most, ++underWay)
    setImmediate(() => {
      underWay--
      response.end('done')
    })
  })
  const gateway = await startForwarding(t, recorder.url)
  const client = await openRaw(t, gateway.url)
  const bodies = ['one', 'two', 'three', 'four', 'five', 'six']
  client.send(bodies.map((body, index) => (index % 2 === 0 ? chunkedPost(body) : aPost(body))).join(''))
  for (const _ of bodies) t.equal((await client.answer()).body, 'done')
  t.same(
    recorder.requests.map(({ body }) => body.toString()),
    bodies,
  )
  t.equal(most, 1)
})

t.test('a GET passes no POST in front of it; GETs in front of one go together', async t => {
  const upstream = await startScriptedUpstream(t)
  const gateway = await startForwarding(t, upstream.url)
  const client = await openRaw(t, gateway.url)
  const get = (ref: string) => aRequest({ target: `/api/orders/${ref}/` })
  client.send(get('a') + get('b') + aPost('{}') + get('c'))
  const ok = (text: string) => `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n${text}`
  const reads = [await upstream.connection(0), await upstream.connection(1)]
  for (const { until } of reads) await until('\r\n\r\n')
  t.equal(upstream.connections.length, 2)
  for (const { socket } of reads) socket.end(ok('r'))
  const post = await upstream.connection(2)
  await post.until('{}')
  t.match(post.received(), /^POST /)
  for (const _ of reads) t.equal((await client.answer()).body, 'r')
  t.equal(upstream.connections.length, 3)
  post.socket.end(ok('p'))
  const last = await upstream.connection(3)
  await last.until('\r\n\r\n')
  t.match(last.received(), /^GET \/api\/orders\/c\/ /)
  last.socket.end(ok('c'))
  t.same([(await client.answer()).body, (await client.answer()).body], ['p', 'c'])
})

t.test('what is held when its client leaves is never sent, and logged once', async t => {
  const upstream = await startScriptedUpstream(t)
  const file = logFileIn(t.testdir())
  const gateway = await startForwarding(t, upstream.url, {}, { log: file.log })
  const client = await openRaw(t, gateway.url)
  client.send(aPost('first') + aPost('second'))
  const first = await upstream.connection(0)
  await first.until('first')
  client.socket.destroy()
  await first.closed
  await gateway.stop()
  t.equal(upstream.connections.length, 1)
  t.same(
    file
      .lines()
      .filter(({ status }) => status !== undefined)
      .map(({ status, reason }) => [status, reason]),
    [
      [499, undefined],
      [499, undefined],
    ],
  )
})

t.test('what is held while its session is revoked is refused when its turn has come', async t => {
  const upstream = await startScriptedUpstream(t)
  const gateway = await startForwarding(t, upstream.url)
  const client = await openRaw(t, gateway.url)
  client.send(aPost('first') + aPost('second'))
  const first = await upstream.connection(0)
  await first.until('first')
  // It has been read, and waits, once another connection that was opened later has its answer.
  const other = await openRaw(t, gateway.url)
  other.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await other.answer()
  gateway.sessions.registry.revoke({ all: true })
  first.socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok')
  t.equal((await client.answer()).status, 200, 'what was under way is answered')
  t.equal((await client.answer()).status, 401)
  t.equal(upstream.connections.length, 1)
})

/*
 * Attacks with several requests in flight on one connection. What is said about one of them must touch no other:
 *
 * - a malformed message behind a POST that had arrived completely aborted that POST: the payment may have been made, and
 *   the client was told 400;
 * - the end of an earlier answer made the gateway forget the upload behind it: bad framing in that upload then went
 *   unnoticed, and the client and the upstream were left hanging;
 * - CONNECT behind a request in flight was answered at once, in place of the answer that was owed;
 * - a client that hung up had only its first request aborted: the ones behind it held their upstream connections until
 *   the deadline, thirty-one of them per client connection;
 * - a request behind one whose refusal had said `Connection: close` was executed and never answered; so were those
 *   behind the first answer that was given while the gateway was stopping.
 */
import t from 'tap'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aPost, aRequest } from '../fixtures/live-token.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { startScriptedUpstream } from '../fixtures/scripted-upstream.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
/** So that each request is a connection of its own. */
const closing = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'

t.test('a complete POST in flight is answered, whatever comes behind it', async t => {
  const endings = {
    'a malformed message': 'garbage garbage\r\n\r\n',
    CONNECT: 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n',
  }
  for (const [name, ending] of Object.entries(endings)) {
    t.test(name, async t => {
      const upstream = await startScriptedUpstream(t)
      const gateway = await startForwarding(t, upstream.url)
      const client = await openRaw(t, gateway.url)
      client.send(aPost('{"amount":1}'))
      const { socket, until } = await upstream.connection(0)
      await until('{"amount":1}')
      client.send(ending)
      // The gateway has read the ending once it has answered on another connection that was opened later.
      const other = await openRaw(t, gateway.url)
      other.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await other.answer()
      socket.write(ok)
      t.equal((await client.answer()).body, 'ok')
      const refused = await client.answer()
      t.same([refused.status, refused.field('connection')], [400, 'close'])
      t.equal(await client.closed, '')
    })
  }
})

t.test('bad framing in an upload is noticed after the answer in front of it is out', async t => {
  const upstream = await startScriptedUpstream(t)
  const gateway = await startForwarding(t, upstream.url)
  const client = await openRaw(t, gateway.url)
  client.send(aRequest({}))
  const first = await upstream.connection(0)
  await first.until('\r\n\r\n')
  client.send(
    aRequest({
      method: 'POST',
      target: '/api/payments/',
      lines: ['Transfer-Encoding: chunked'],
      body: '5\r\nhello\r\n',
    }),
  )
  first.socket.end(closing)
  t.equal((await client.answer()).body, 'ok')
  const second = await upstream.connection(1)
  await second.until('hello')
  client.send('xyz\r\n')
  t.equal((await client.answer()).status, 400)
  await second.closed
  t.notMatch(second.received(), /0\r\n\r\n$/)
})

t.test('an upload whose framing is bad while it waits for the answer in front of it is never sent', async t => {
  const upstream = await startScriptedUpstream(t)
  const gateway = await startForwarding(t, upstream.url)
  const client = await openRaw(t, gateway.url)
  const chunked = aRequest({ method: 'POST', target: '/api/payments/', lines: ['Transfer-Encoding: chunked'] })
  client.send(`${aRequest({})}${chunked}5\r\nhello\r\nxyz\r\n`)
  const first = await upstream.connection(0)
  await first.until('\r\n\r\n')
  first.socket.end(closing)
  t.equal((await client.answer()).body, 'ok')
  t.equal((await client.answer()).status, 400)
  t.equal(await client.closed, '')
  t.equal(upstream.connections.length, 1)
})

t.test('all requests of a client that hangs up are aborted at once, not only the first', async t => {
  const upstream = await startScriptedUpstream(t)
  // Far beyond the test's own limit: a deadline does not help here.
  const gateway = await startForwarding(t, upstream.url, { headersTimeoutMs: 600_000 })
  const client = await openRaw(t, gateway.url)
  client.send(aRequest({}).repeat(10))
  const connections = await Promise.all(Array.from({ length: 10 }, (_, index) => upstream.connection(index)))
  await Promise.all(connections.map(({ until }) => until('\r\n\r\n')))
  client.socket.destroy()
  await Promise.all(connections.map(({ closed }) => closed))
  t.pass('every upstream connection has ended')
})

t.test('a request behind a refusal that said Connection: close is not forwarded', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url)
  const client = await openRaw(t, gateway.url)
  const refused = aRequest({
    method: 'POST',
    target: '/api/sessions/',
    lines: ['Transfer-Encoding: chunked'],
    body: '1\r\na\r\n0\r\n\r\n',
  })
  client.send(refused + aPost('{"amount":1}'))
  const answer = await client.answer()
  t.same([answer.status, answer.field('connection')], [403, 'close'])
  t.equal(await client.closed, '')
  t.equal(recorder.connections(), 0)
})

t.test(
  'requests in flight on one connection are all answered while the gateway stops; the last says close',
  async t => {
    const upstream = await startScriptedUpstream(t)
    const gateway = await startForwarding(t, upstream.url)
    const client = await openRaw(t, gateway.url)
    client.send(aRequest({}).repeat(2) + aPost('{}').repeat(2))
    const reads = await Promise.all([0, 1].map(index => upstream.connection(index)))
    await Promise.all(reads.map(({ until }) => until('\r\n\r\n')))
    const stopped = gateway.stop()
    for (const { socket } of reads) socket.end(closing)
    const said = []
    for (let count = 0; count < 2; count++) said.push((await client.answer()).field('connection'))
    for (const index of [2, 3]) {
      const post = await upstream.connection(index)
      await post.until('{}')
      post.socket.end(closing)
      said.push((await client.answer()).field('connection'))
    }
    t.same(said, ['keep-alive', 'keep-alive', 'keep-alive', 'close'])
    t.equal(await client.closed, '')
    await stopped
  },
)

t.test('a later answer that breaks off does not spoil the one before it', async t => {
  const upstream = await startScriptedUpstream(t)
  const gateway = await startForwarding(t, upstream.url)
  const client = await openRaw(t, gateway.url)
  client.send(aRequest({}).repeat(2))
  const [first, second] = await Promise.all([upstream.connection(0), upstream.connection(1)])
  await Promise.all([first.until('\r\n\r\n'), second.until('\r\n\r\n')])
  second.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', () => second.socket.resetAndDestroy())
  await second.closed
  first.socket.write(ok)
  t.equal((await client.answer()).body, 'ok')
  await t.rejects(client.answer(), /ended within an answer/)
})

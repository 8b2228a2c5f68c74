import { once } from 'node:events'
import t, { type Test } from 'tap'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aLiveToken, aPost } from '../fixtures/live-token.ts'
import { type Answer, openRaw, type RawConnection } from '../fixtures/raw-connection.ts'
import { type ScriptedUpstream, startScriptedUpstream } from '../fixtures/scripted-upstream.ts'

const budget = { requests: 100, windowSec: 300, maxWaitMs: 0 }
const token = aLiveToken()
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** A read of one and the same session, unless a test says otherwise. */
function aRead(lines: readonly string[] = [], target = '/api/orders/abc/', text = token): string {
  const head = [`GET ${target} HTTP/1.1`, 'Host: gateway.test', `Authorization: Bearer ${text}`, ...lines]
  return `${head.join('\r\n')}\r\n\r\n`
}

/** A gateway with a budget, in front of an upstream that answers when a test writes on its connections. */
async function start(t: Test, requests = budget.requests) {
  const upstream = await startScriptedUpstream(t)
  const gateway = await startForwarding(t, upstream.url, { budget: { ...budget, requests } })
  const ask = async (message: string): Promise<RawConnection> => {
    const client = await openRaw(t, gateway.url)
    client.send(message)
    return client
  }
  return { upstream, gateway, ask }
}

/** The connection of that number, once a whole head has come on it. */
async function asked(upstream: ScriptedUpstream, index: number) {
  const connection = await upstream.connection(index)
  await connection.until('\r\n\r\n')
  return connection
}

const what = ({ status, body }: Answer) => [status, body]

t.test(
  'identical reads of one session that are under way together are one request, and each gets the answer',
  async t => {
    const { upstream, gateway, ask } = await start(t)
    const [first, second] = [await ask(aRead(['traceparent: x'])), await ask(aRead(['X-Datadog-Trace-Id: 7']))]
    const { socket } = await asked(upstream, 0)
    const third = await ask(aRead())
    await settled(gateway.url, t)
    socket.write(ok)
    const answers = [await first.answer(), await second.answer(), await third.answer()]
    for (const answer of answers) t.same(what(answer), [200, 'ok'])
    t.equal(new Set(answers.map(answer => answer.field('x-request-id'))).size, 3, 'each has its own request id')
    t.equal(upstream.connections.length, 1)
  },
)

/** A refusal that comes back shows that what was sent before it has been decided about. */
async function settled(url: string, t: Test): Promise<void> {
  const client = await openRaw(t, url)
  client.send('GET /nowhere/ HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.answer()
}

for (const [how, other] of [
  ['another target', aRead([], '/api/orders/abd/')],
  ['another query', aRead([], '/api/orders/abc/?a=1')],
  ['another API version', aRead(['API-Version: 2025-08-04'])],
  ['a field more', aRead(['X-Other: 1'])],
  ['another session', aRead([], '/api/orders/abc/', aLiveToken({ a: 43 }))],
  ['a body', aRead(['Content-Length: 2']).concat('{}')],
  ['another method', aPost('{}')],
] as const) {
  t.test(`a request with ${how} is a request of its own`, async t => {
    const { upstream, ask } = await start(t)
    const [first, second] = [await ask(aRead()), await ask(other)]
    // Both before either is answered: the second would otherwise go out on the connection of the first.
    const both = [await asked(upstream, 0), await asked(upstream, 1)]
    for (const { socket } of both) socket.write(ok)
    for (const client of [first, second]) t.same(what(await client.answer()), [200, 'ok'])
  })
}

t.test('a read that comes when the answer has begun is a request of its own', async t => {
  const { upstream, gateway, ask } = await start(t)
  const first = await ask(aRead())
  const { socket } = await asked(upstream, 0)
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no')
  await once(first.socket, 'data')
  const second = await ask(aRead())
  ;(await asked(upstream, 1)).socket.write(ok)
  t.same(what(await second.answer()), [200, 'ok'])
  socket.write('k')
  t.same(what(await first.answer()), [200, 'ok'])
  t.equal(gateway.counters().requests, 2)
})

t.test('whoever asked first may leave: the others get the answer all the same', async t => {
  const { upstream, gateway, ask } = await start(t)
  const first = await ask(aRead())
  const { socket } = await asked(upstream, 0)
  const second = await ask(aRead())
  await settled(gateway.url, t)
  first.socket.destroy()
  await first.closed
  socket.write(ok)
  t.same(what(await second.answer()), [200, 'ok'])
})

t.test('when all have left, the request to the upstream ends', async t => {
  const { upstream, gateway, ask } = await start(t)
  const clients = [await ask(aRead()), await ask(aRead())]
  const { closed } = await asked(upstream, 0)
  await settled(gateway.url, t)
  for (const { socket } of clients) socket.destroy()
  await closed
  t.equal(upstream.connections.length, 1)
})

t.test('when the upstream fails, each of them is told', async t => {
  const { upstream, gateway, ask } = await start(t)
  const clients = [await ask(aRead()), await ask(aRead())]
  const { socket } = await asked(upstream, 0)
  await settled(gateway.url, t)
  socket.resetAndDestroy()
  for (const client of clients) t.equal((await client.answer()).status, 502)
})

t.test('an answer that breaks off is cut for each of them, never ended as if it were whole', async t => {
  const { upstream, gateway, ask } = await start(t)
  const clients = [await ask(aRead()), await ask(aRead())]
  const { socket } = await asked(upstream, 0)
  await settled(gateway.url, t)
  socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n')
  await Promise.all(clients.map(client => once(client.socket, 'data')))
  socket.resetAndDestroy()
  for (const client of clients) t.notMatch(await client.closed, /\r\n0\r\n/)
})

t.test('a large answer reaches each of them whole, at the pace of the slowest', async t => {
  const { upstream, gateway, ask } = await start(t)
  const size = 4 * 1024 * 1024
  const [quick, slow] = [await ask(aRead()), await ask(aRead())]
  const { socket } = await asked(upstream, 0)
  await settled(gateway.url, t)
  slow.socket.pause()
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
  socket.write('x'.repeat(size))
  await once(quick.socket, 'data')
  slow.socket.resume()
  for (const client of [quick, slow]) t.equal((await client.answer()).body.length, size)
})

t.test('a request for which the budget has no place is refused with the time until it has one', async t => {
  const { upstream, ask } = await start(t, 1)
  const first = await ask(aPost('{}'))
  ;(await asked(upstream, 0)).socket.write(ok)
  t.equal((await first.answer()).status, 200)
  const answer = await (await ask(aPost('{}'))).answer()
  t.same([answer.status, JSON.parse(answer.body).errors[0].code], [429, 'too_many_requests'])
  const wait = Number(answer.field('retry-after'))
  t.ok(wait >= 299 && wait <= 302, `${wait} s`)
  t.equal(upstream.connections.length, 1)
})

t.test('a request that never left the gateway costs nothing of the budget', async t => {
  const gateway = await startForwarding(t, 'http://127.0.0.1:9', { budget: { ...budget, requests: 1 } })
  for (const _ of [1, 2, 3]) {
    const client = await openRaw(t, gateway.url)
    client.send(aPost('{}'))
    t.equal((await client.answer()).status, 502)
  }
})

t.test("the upstream's own 429 passes, and nothing more is sent until the time that it named", async t => {
  const { upstream, ask } = await start(t)
  const first = await ask(aRead())
  const throttled = 'HTTP/1.1 429 Too Many Requests\r\nRetry-After: 40\r\nContent-Length: 2\r\n\r\n{}'
  ;(await asked(upstream, 0)).socket.write(throttled)
  const theirs = await first.answer()
  t.same([theirs.status, theirs.field('retry-after'), theirs.body], [429, '40', '{}'])
  const ours = await (await ask(aPost('{}'))).answer()
  t.same([ours.status, JSON.parse(ours.body).errors[0].source.resource], [429, 'Gateway'])
  t.ok(Number(ours.field('retry-after')) >= 39)
  t.equal(upstream.connections.length, 1)
})

t.test('a request is not sent again when the budget has no place for it', async t => {
  // Of three places reads may take two.
  const { upstream, ask } = await start(t, 3)
  const client = await ask(aPost('{}'))
  const connection = await asked(upstream, 0)
  connection.socket.write(ok)
  t.equal((await client.answer()).status, 200)
  // On the connection that is kept, where a reset would otherwise be followed by a second try.
  client.send(aRead())
  await connection.until('GET ')
  connection.socket.resetAndDestroy()
  t.equal((await client.answer()).status, 502)
  t.equal(upstream.connections.length, 1)
})

t.test('with several local addresses requests leave from each of them', async t => {
  const upstream = await startScriptedUpstream(t)
  const localAddresses = ['127.0.0.2', '127.0.0.3']
  const gateway = await startForwarding(t, upstream.url, { budget, localAddresses })
  for (const index of [0, 1]) {
    const client = await openRaw(t, gateway.url)
    client.send(aPost('{}'))
    ;(await asked(upstream, index)).socket.write(ok)
    t.equal((await client.answer()).status, 200)
  }
  t.same(upstream.connections.map(({ socket }) => socket.remoteAddress).sort(), localAddresses)
})

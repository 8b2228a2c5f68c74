import { once } from 'node:events'
import t from 'tap'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aPost, aRequest } from '../fixtures/live-token.ts'
import { logFileIn } from '../fixtures/log-file.ts'
import { exchangeRaw, openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { startScriptedUpstream } from '../fixtures/scripted-upstream.ts'

/** A request that is refused for its route, before its body is looked at. */
function aRefused(body: string, lines: readonly string[], method = 'POST'): string {
  return aRequest({ method, target: '/api/sessions/', lines, body })
}

t.test('a refused request without a body keeps its connection, and the next one is served', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url)
  const client = await openRaw(t, gateway.url)
  for (const message of [
    'GET /api/orders/abc/ HTTP/1.1\r\nHost: a\r\n\r\n',
    aRefused('', []),
    aRefused('', ['Content-Length: 0']),
  ]) {
    client.send(message)
    const answer = await client.answer()
    t.ok(answer.status === 401 || answer.status === 403)
    t.equal(answer.field('connection'), 'keep-alive')
  }
  client.send(aRequest({}))
  t.equal((await client.answer()).status, 200)
})

for (const size of [1, 65_536]) {
  t.test(
    `a refused request with a body of ${size} octets keeps its connection, and the next one is served`,
    async t => {
      const recorder = await startRecorder(t)
      const gateway = await startForwarding(t, recorder.url)
      const client = await openRaw(t, gateway.url)
      client.send(aRefused('x'.repeat(size), [`Content-Length: ${size}`]) + aRequest({ target: '/api/orders/next/' }))
      const answer = await client.answer()
      t.same([answer.status, answer.field('connection')], [403, 'keep-alive'])
      t.equal((await client.answer()).status, 200)
      t.same(
        recorder.requests.map(({ target }) => target),
        ['/api/orders/next/'],
      )
    },
  )
}

for (const [name, line] of [
  ['a large body', 'Content-Length: 65537'],
  ['a body in chunks', 'Transfer-Encoding: chunked'],
  ['a body that it holds back', 'Expect: 100-continue\r\nContent-Length: 5'],
] as const) {
  for (const method of ['POST', 'HEAD']) {
    t.test(`a refused ${method} with ${name} gets its whole answer at once, and then the connection ends`, async t => {
      const recorder = await startRecorder(t)
      const gateway = await startForwarding(t, recorder.url)
      const client = await openRaw(t, gateway.url)
      client.send(aRefused('', [line], method))
      const answer = await client.answer(method)
      t.same([answer.status, answer.field('connection'), answer.interim], [403, 'close', []])
      if (method === 'POST') t.equal(JSON.parse(answer.body).errors[0].code, 'forbidden')
      client.socket.end()
      await client.closed
      t.equal(recorder.connections(), 0)
    })
  }
}

t.test('a body that is announced over the limit is refused with 413 before an octet of it came', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url, { maxBodyBytes: 100 })
  const client = await openRaw(t, gateway.url)
  client.send(aPost('x'.repeat(101)).slice(0, -101))
  const answer = await client.answer()
  t.same([answer.status, JSON.parse(answer.body).errors[0].code], [413, 'invalid_request'])
  t.equal(recorder.connections(), 0)
})

t.test('a client that goes on sending after its refusal is cut off after a mebibyte', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url)
  const client = await openRaw(t, gateway.url)
  client.send(aRefused('', [`Content-Length: ${64 * 1024 * 1024}`]))
  t.equal((await client.answer()).status, 403)
  for (let count = 0; count < 64; count++) client.send(Buffer.alloc(1024 * 1024))
  t.equal(await client.closed, '')
})

t.test('a client that stays connected and silent after its refusal is cut off', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url)
  const client = await openRaw(t, gateway.url)
  client.send(aRefused('', ['Content-Length: 10']))
  t.equal((await client.answer()).status, 403)
  t.equal(await client.closed, '')
})

t.test('answers to pipelined requests come in order, each decided on its own', async t => {
  const recorder = await startRecorder(t, (request, response) => {
    // The first is answered last.
    const { url = '' } = request
    if (url.includes('slow')) setTimeout(() => response.end(url), 50)
    else response.end(url)
  })
  const gateway = await startForwarding(t, recorder.url)
  const client = await openRaw(t, gateway.url)
  client.send(
    [
      aRequest({ target: '/api/orders/slow/' }),
      'GET /api/orders/abc/ HTTP/1.1\r\nHost: a\r\n\r\n',
      aPost('{}'),
      aRequest({ target: '/o/token/' }),
      aRequest({ target: '/api/orders/last/' }),
    ].join(''),
  )
  const answers = []
  for (let count = 0; count < 5; count++) answers.push(await client.answer())
  t.same(
    answers.map(({ status }) => status),
    [200, 401, 200, 403, 200],
  )
  t.same(
    [answers[0]?.body, answers[2]?.body, answers[4]?.body],
    ['/api/orders/slow/', '/api/payments/', '/api/orders/last/'],
  )
})

t.test('32 pipelined requests are answered', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url)
  const client = await openRaw(t, gateway.url)
  client.send(aRequest({}).repeat(32))
  for (let count = 0; count < 32; count++) t.equal((await client.answer()).status, 200)
})

t.test('a client that pipelines more than 32 requests is cut off, and its upstream connections end', async t => {
  const upstream = await startScriptedUpstream(t)
  const gateway = await startForwarding(t, upstream.url)
  const client = await openRaw(t, gateway.url)
  client.send(aRequest({}).repeat(33))
  t.equal(await client.closed, '')
  const other = await openRaw(t, gateway.url)
  other.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  t.equal((await other.answer()).status, 401)
  await Promise.all(
    upstream.connections.slice(0, 32).map(({ socket, closed }) => (socket.destroyed ? undefined : closed)),
  )
  t.pass('no upstream connection is left with a request on it')
})

t.test('a request behind one that said Connection: close is not forwarded', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url)
  const client = await openRaw(t, gateway.url)
  client.send(aRequest({ lines: ['Connection: close'] }) + aPost('{}'))
  const answer = await client.answer()
  t.same([answer.status, answer.field('connection')], [200, 'close'])
  await client.closed
  t.same(
    recorder.requests.map(({ method }) => method),
    ['GET'],
  )
})

t.test('a preflight is answered without the upstream, with or without a body', async t => {
  const recorder = await startRecorder(t)
  const cors = { origins: ['https://shop.example'] }
  const gateway = await startForwarding(t, recorder.url, {}, { cors })
  const client = await openRaw(t, gateway.url)
  const lines = ['Host: a', 'Origin: https://shop.example', 'Access-Control-Request-Method: POST']
  for (const more of ['', 'Content-Length: 2\r\n']) {
    client.send(`OPTIONS /api/payments/ HTTP/1.1\r\n${lines.join('\r\n')}\r\n${more}\r\n`)
    const answer = await client.answer()
    t.same([answer.status, answer.field('access-control-allow-origin')], [204, 'https://shop.example'])
    t.match(answer.field('x-request-id'), /^[0-9a-f]{32}$/)
  }
  client.send('{}')
  client.send(aRequest({ lines: ['Origin: https://shop.example'] }))
  const answer = await client.answer()
  t.same([answer.status, answer.field('access-control-allow-origin')], [200, 'https://shop.example'])
  t.equal(recorder.requests.length, 1)
})

t.test('a client that half-closes before its answer is taken for gone, and logged so', async t => {
  const upstream = await startScriptedUpstream(t)
  const file = logFileIn(t.testdir())
  const gateway = await startForwarding(t, upstream.url, {}, { log: file.log })
  const client = await openRaw(t, gateway.url)
  client.send(aRequest({}))
  const { closed, until } = await upstream.connection(0)
  await until('\r\n\r\n')
  client.socket.end()
  await Promise.all([closed, once(client.socket, 'close')])
  await gateway.stop()
  t.match(file.lines(), [{ status: 499, decision: 'allow', level: 'info' }])
})

t.test('the path of a refusal is the one of the request, without its query, and never a token', async t => {
  const recorder = await startRecorder(t)
  const gateway = await startForwarding(t, recorder.url)
  for (const [target, path] of [
    ['/api/x/?token=1#a', '/api/x/'],
    [`/${'a'.repeat(2000)}/`, `/${'a'.repeat(1023)}`],
    ['/api/sandbox_sZaw0123456789abcdefghijklmnop/', '/'],
    ['*', '*'],
    ['/a"b\\<script>/', '/a"b\\<script>/'],
  ] as const) {
    const { body } = await exchangeRaw(t, gateway.url, aRequest({ target }))
    t.equal(JSON.parse(body).path, path)
  }
})

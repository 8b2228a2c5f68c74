import { connect } from 'node:net'
import t from 'tap'
import { seededRefs } from '../../src/simulator/simulator.ts'
import { type Bench, json, refusal, startBench } from '../fixtures/simulator-client.ts'

const path = `/api/orders/${seededRefs.order}/`

/** Sends bytes as they are and reads until the other side ends. */
function sendRaw({ simulator }: Bench, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(simulator.port, '127.0.0.1', () => socket.write(text))
    socket.setEncoding('latin1')
    socket.on('data', chunk => {
      received += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(received))
  })
}

function rawGet({ simulator }: Bench, target: string): string {
  const token = simulator.issueSessionToken()
  return `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\nMerchant-Account: 123ab45c67\r\n\r\n`
}

t.test('every answer of the API is JSON with a Date', async t => {
  const { ask } = await startBench(t)
  for (const asked of [{ path }, { path, token: null }, { path: '/api/nothing/' }, { method: 'PUT', path }]) {
    const reply = await ask(asked)
    t.equal(reply.fields['content-type'], 'application/json')
    t.ok(reply.fields.date)
  }
})

t.test('an unknown path is an envelope inside the API and a page outside of it', async t => {
  const { ask } = await startBench(t)
  const inside = await ask({ path: '/api/nothing/?a=b' })
  t.same(refusal(inside), [404, 'resource_not_found', ''])
  t.equal(json(inside).path, '/api/nothing/')
  t.equal((await ask({ path: '/proxy/api/nothing/' })).fields['content-type'], 'application/json')
  const outside = await ask({ path: '/nothing/' })
  t.same([outside.status, outside.fields['content-type']], [404, 'text/html; charset=utf-8'])
})

t.test('a method that a path does not have is 405 with the methods that it has', async t => {
  const { ask } = await startBench(t)
  const reply = await ask({ method: 'PUT', path })
  t.same(refusal(reply), [405, 'method_not_allowed', ''])
  t.equal(reply.fields.allow, 'GET, PATCH')
  const page = await ask({ path: '/o/token/' })
  t.same([page.status, page.fields.allow, page.fields['content-type']], [405, 'POST', 'text/html; charset=utf-8'])
})

t.test('HEAD is answered as GET, without a body', async t => {
  const { ask } = await startBench(t)
  const reply = await ask({ method: 'HEAD', path })
  t.same([reply.status, reply.text], [200, ''])
  t.not(reply.fields['content-length'], '0')
})

t.test('a GET without the final slash is redirected, with its query', async t => {
  const { ask } = await startBench(t)
  const reply = await ask({ path: `${path.slice(0, -1)}?a=%2F` })
  t.same([reply.status, reply.fields.location], [301, `${path}?a=%2F`])
})

t.test('a POST without the final slash is a page with an error, and does not run', async t => {
  const { simulator, ask } = await startBench(t)
  const reply = await ask({ method: 'POST', path: '/api/payment_methods', body: {} })
  t.same([reply.status, reply.fields['content-type']], [500, 'text/html; charset=utf-8'])
  t.match(reply.text, 'APPEND_SLASH')
  t.equal(simulator.executionCount, 0)
})

for (const [target, status] of [
  [path.replace('/api', '/%61pi'), 200],
  [path.replace('orders/', 'orders%2F'), 200],
  [path.replace('orders/', 'orders%252F'), 404],
  [path.replace('orders', 'orders%zz'), 404],
  [path.replace('/api', '//api'), 404],
  [path.replace('/api', '/x/../api'), 404],
  [path.replace('/orders', '/orders;a'), 404],
  ['/api/orders//', 404],
  [`http://elsewhere.example${path}`, 200],
  ['http://elsewhere.example?a', 404],
] as const) {
  t.test(`the target ${target} is answered ${status}`, async t => {
    const bench = await startBench(t)
    t.match(await sendRaw(bench, rawGet(bench, target)), new RegExp(`^HTTP/1.1 ${status} `))
  })
}

for (const [name, body] of [
  ['cut JSON', '{"type":'],
  ['a JSON list', '[]'],
  ['a JSON text', '"x"'],
  ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
] as const) {
  t.test(`a body of ${name} cannot be parsed`, async t => {
    const { ask } = await startBench(t)
    const reply = await ask({ method: 'POST', path: '/api/payments/', body })
    t.same(refusal(reply), [400, 'cannot_parse_request_body', ''])
  })
}

t.test('a body of 2.5 MiB is parsed, and one byte more is refused after it was read', async t => {
  const { ask } = await startBench(t)
  const send = (size: number) => ask({ method: 'POST', path: '/api/payment_methods/', body: Buffer.alloc(size, ' ') })
  t.same(refusal(await send(2_621_440)), [400, 'cannot_parse_request_body', ''])
  const padded = Buffer.alloc(2_621_440, ' ')
  padded.write('{"type":"ebt","card":{"number":"9999411111111111"}}')
  t.equal((await ask({ method: 'POST', path: '/api/payment_methods/', body: padded })).status, 201)
  t.same(refusal(await send(2_621_441)), [400, 'cannot_parse_request_body', ''])
})

t.test('JSON that is too deep to write is an internal error, and the next request is answered', async t => {
  const { simulator, ask } = await startBench(t)
  const body = `{"metadata":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  const reply = await ask({
    method: 'PATCH',
    path: `/api/payments/${seededRefs.payment}/`,
    body: `{"metadata":{"a":${body}}}`,
  })
  t.same([reply.status, reply.fields['content-type']], [500, 'text/html; charset=utf-8'])
  t.equal(simulator.executions.at(-1)?.status, 500)
  t.equal((await ask({ path })).status, 200)
})

for (const text of [
  'hello\r\n\r\n',
  'GET / HTTP/1.1\r\nHost : x\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n',
]) {
  t.test(`${JSON.stringify(text)} is answered 400, and the connection ends`, async t => {
    const bench = await startBench(t)
    t.match(await sendRaw(bench, text), /^HTTP\/1\.1 400 Bad Request\r\n/)
    t.equal((await bench.ask({ path })).status, 200)
  })
}

t.test('an upload that is broken off does not execute, and the next request is answered', async t => {
  const bench = await startBench(t)
  const head = rawGet(bench, '/api/payments/')
    .replace('GET', 'POST')
    .replace('\r\n\r\n', '\r\nContent-Length: 100\r\n\r\n{')
  await new Promise<void>(resolve => {
    const socket = connect(bench.simulator.port, '127.0.0.1', () => socket.write(head, () => socket.destroy()))
    socket.on('close', () => resolve())
  })
  t.equal((await bench.ask({ path })).status, 200)
  t.same(
    bench.simulator.executions.map(execution => execution.method),
    ['GET'],
  )
})

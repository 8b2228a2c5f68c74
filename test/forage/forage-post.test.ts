import type { RequestListener } from 'node:http'
import t, { type Test } from 'tap'
import { Agent } from 'undici'
import { type ForagePost, postToForage } from '../../src/forage/forage-post.ts'
import { startRecorder } from '../fixtures/recorder.ts'
import { answering, startScriptedUpstream } from '../fixtures/scripted-upstream.ts'

function aPost(t: Test, origin: string, changes: Partial<ForagePost> = {}): ForagePost {
  const dispatcher = new Agent({ connections: 1, maxResponseSize: 65_536 })
  t.teardown(() => dispatcher.destroy())
  return { origin, path: '/api/x/', dispatcher, timeoutMs: 5000, headers: {}, isRepeatable: true, ...changes }
}

t.test('a POST without a form has no body, one with a form has its members in it', async t => {
  const recorder = await startRecorder(t)
  await postToForage(aPost(t, recorder.url, { headers: { authorization: 'Bearer a' } }))
  await postToForage(aPost(t, recorder.url, { form: { a: 'b c', d: '&' } }))
  const [first, second] = recorder.requests.map(({ method, target, fields, body }) => {
    const names = Object.fromEntries(fields.flatMap((name, index) => (index % 2 ? [] : [[name, fields[index + 1]]])))
    return { method, target, names, body: body.toString() }
  })
  t.match(first, {
    method: 'POST',
    target: '/api/x/',
    names: { authorization: 'Bearer a', accept: 'application/json', 'content-length': '0' },
    body: '',
  })
  t.match(second, { names: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=b+c&d=%26' })
})

t.test('an answer of 64 KiB is read whole, one of an octet more is none', async t => {
  let size = 65_536
  const recorder = await startRecorder(t, (_request, response) => void response.end('x'.repeat(size)))
  const whole = await postToForage(aPost(t, recorder.url))
  t.equal('text' in whole && whole.text.length, 65_536)
  size++
  t.match(await postToForage(aPost(t, recorder.url)), { fault: 'invalid_answer', mayHaveTakenEffect: true })
})

t.test('an answer without end is given up', async t => {
  const recorder = await startRecorder(t, (_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    }
    response.on('drain', more)
    more()
  })
  t.match(await postToForage(aPost(t, recorder.url)), { fault: 'invalid_answer' })
})

t.test('no answer at all is a timeout, and is not asked for twice', async t => {
  const recorder = await startRecorder(t, () => {})
  const fault = await postToForage(aPost(t, recorder.url, { timeoutMs: 60 }))
  t.match(fault, { fault: 'timeout', mayHaveTakenEffect: true })
  t.equal(recorder.requests.length, 1)
})

t.test('an answer that stops in its middle is a timeout', async t => {
  const recorder = await startRecorder(t, (_request, response) => void response.write('{'))
  t.match(await postToForage(aPost(t, recorder.url, { timeoutMs: 60 })), { fault: 'timeout' })
})

t.test('a request that waits for a connection does not outwait its deadline, and is not sent after it', async t => {
  const responses: Parameters<RequestListener>[1][] = []
  const recorder = await startRecorder(t, (_request, response) => void responses.push(response))
  const post = aPost(t, recorder.url)
  const first = postToForage(post)
  t.match(await postToForage({ ...post, timeoutMs: 60 }), { fault: 'timeout' })
  responses[0]?.end('done')
  t.match(await first, { text: 'done' })
  const third = postToForage(post)
  const { requests } = recorder
  while (responses.length < 2) await new Promise(resolve => setImmediate(resolve))
  responses[1]?.end('done')
  await third
  t.equal(requests.length, 2)
})

const reset: RequestListener = request => void request.socket.resetAndDestroy()

t.test('where it does no harm, a request whose connection broke is sent once more, and not a third time', async t => {
  const recorder = await startRecorder(t, reset)
  t.match(await postToForage(aPost(t, recorder.url)), { fault: 'unreachable', mayHaveTakenEffect: true })
  t.equal(recorder.requests.length, 2)
})

t.test('the second attempt may succeed', async t => {
  let count = 0
  const recorder = await startRecorder(t, (request, response) => {
    if (++count === 1) request.socket.destroy()
    else response.end('done')
  })
  t.match(await postToForage(aPost(t, recorder.url)), { status: 200, text: 'done' })
})

t.test('what must not be done twice is not sent again once it was sent', async t => {
  const recorder = await startRecorder(t, reset)
  const fault = await postToForage(aPost(t, recorder.url, { isRepeatable: false }))
  t.match(fault, { fault: 'unreachable', mayHaveTakenEffect: true })
  t.equal(recorder.requests.length, 1)
})

t.test('nobody there: nothing was done', async t => {
  t.match(await postToForage(aPost(t, 'http://127.0.0.1:1', { isRepeatable: false })), {
    fault: 'unreachable',
    mayHaveTakenEffect: false,
    code: 'ECONNREFUSED',
  })
})

for (const [what, octets, fault] of [
  ['is no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n\r\n', 'invalid_answer'],
  ['has a status of nothing', 'HTTP/1.1 99 Odd\r\nContent-Length: 0\r\n\r\n', 'invalid_answer'],
  ['has a head without end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, 'invalid_answer'],
  ['has a page of a load balancer', 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>', 'invalid_answer'],
  [
    'leads elsewhere',
    'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n',
    'invalid_answer',
  ],
  ['refuses and breaks off', 'HTTP/1.1 401 No\r\nContent-Length: 60\r\n\r\n{"err', 'credentials_refused'],
] as const) {
  t.test(`an answer that ${what} is ${fault}`, async t => {
    const upstream = await startScriptedUpstream(
      t,
      answering(octets, socket => socket.end()),
    )
    t.match(await postToForage(aPost(t, upstream.url)), { fault })
    t.equal(upstream.connections.length, 1)
  })
}

t.test('an answer that breaks off is asked for again, where it does no harm', async t => {
  const cut = 'HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n{"token'
  const upstream = await startScriptedUpstream(
    t,
    answering(cut, socket => socket.destroy()),
  )
  t.match(await postToForage(aPost(t, upstream.url)), { fault: 'unreachable', mayHaveTakenEffect: true })
  t.equal(upstream.connections.length, 2)
})

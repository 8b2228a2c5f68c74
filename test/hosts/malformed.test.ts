// What is not well formed, and how each of it is answered, stands in the tables of test/fixtures/hostile-*.ts.
import t from 'tap'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aLiveToken, aRequest } from '../fixtures/live-token.ts'
import { logFileIn } from '../fixtures/log-file.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { startRecorder } from '../fixtures/recorder.ts'

for (const [name, message, status] of [
  ['what is no request', 'garbage garbage\r\n\r\n', 400],
  ['a head that is too large', `GET / HTTP/1.1\r\nX-A: ${'a'.repeat(60_000)}\r\n\r\n`, 431],
  ['a target that is much too long', `GET /${'a'.repeat(60_000)} HTTP/1.1\r\n\r\n`, 414],
  ['CONNECT', 'CONNECT evil.test:443 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
] as const) {
  t.test(`a client that sends ${name} is answered ${status} by the envelope, and cut off though it waits`, async t => {
    const recorder = await startRecorder(t)
    const file = logFileIn(t.testdir())
    const gateway = await startForwarding(t, recorder.url, {}, { log: file.log })
    const client = await openRaw(t, gateway.url)
    client.send(message + aRequest({ method: 'POST', target: '/api/payments/behind/capture/' }))
    const answer = await client.answer()
    t.same([answer.status, answer.field('connection')], [status, 'close'])
    t.match(JSON.parse(answer.body), { path: '', errors: [{ code: 'invalid_request', source: { ref: '' } }] })
    t.equal(await client.closed, '', 'there is no second answer')
    t.equal(recorder.connections(), 0)
    await gateway.stop()
    t.match(file.lines(), [{ status, decision: 'deny', request_id: answer.field('x-request-id') }])
  })
}

for (const [name, message] of [
  ['nothing', ''],
  ['half a request line', 'GET /api/orders/abc/ HT'],
  ['half a head', `GET /api/orders/abc/ HTTP/1.1\r\nAuthorization: Bearer ${aLiveToken()}\r\nHo`],
] as const) {
  t.test(`a client that sends ${name} and ends is not answered, and its connection ends`, async t => {
    const recorder = await startRecorder(t)
    const gateway = await startForwarding(t, recorder.url)
    const client = await openRaw(t, gateway.url)
    client.socket.end(message)
    t.equal(await client.closed, '')
    t.equal(recorder.connections(), 0)
  })
}

t.test('a malformed message behind a request in flight is answered after it, in order', async t => {
  const release: (() => void)[] = []
  const recorder = await startRecorder(t, (_request, response) => {
    release.push(() => void response.end('first'))
    if (release.length === 2) for (const each of release.toReversed()) each()
  })
  const gateway = await startForwarding(t, recorder.url)
  const client = await openRaw(t, gateway.url)
  client.send(`${aRequest({})}${aRequest({})}garbage garbage\r\n\r\n`)
  t.equal((await client.answer()).body, 'first')
  t.equal((await client.answer()).body, 'first')
  const refused = await client.answer()
  t.same([refused.status, refused.field('connection')], [400, 'close'])
  t.match(JSON.parse(refused.body), { errors: [{ code: 'invalid_request' }] })
  t.equal(await client.closed, '')
})

import type { IncomingMessage } from 'node:http'
import t, { type Test } from 'tap'
import { responseTrailers, wantsTrailers } from '../../src/forwarding/response-trailers.ts'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { aRequest } from '../fixtures/live-token.ts'
import { exchangeRaw } from '../fixtures/raw-connection.ts'
import { answering, startScriptedUpstream } from '../fixtures/scripted-upstream.ts'

const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n'

async function trailersFor(t: Test, lines: readonly string[], trailers: string): Promise<string> {
  const upstream = await startScriptedUpstream(t, answering(`${head}${trailers}\r\n`))
  const gateway = await startForwarding(t, upstream.url)
  const answer = await exchangeRaw(t, gateway.url, aRequest({ lines }))
  t.same([answer.status, answer.body], [200, 'ok'])
  return answer.trailers
}

t.test('trailers pass to a client that said TE: trailers', async t => {
  const trailers = 'Server-Timing: db;dur=5\r\nX-caf: caf\xe9\r\n'
  t.equal(await trailersFor(t, ['TE: gzip, Trailers', 'Connection: TE'], trailers), trailers.trimEnd())
})

t.test('trailers are dropped for a client that did not', async t => {
  for (const lines of [[], ['TE: gzip'], ['TE: trailers-not']]) t.equal(await trailersFor(t, lines, 'X-T: 1\r\n'), '')
})

t.test('a trailer that would change what the head said is dropped', async t => {
  const trailers = 'Set-Cookie: a=1\r\nContent-Type: a/b\r\nX-Ok: 1\r\nAccess-Control-Allow-Origin: *\r\n'
  t.equal(await trailersFor(t, ['TE: trailers'], trailers), 'X-Ok: 1')
})

for (const name of [
  'Transfer-Encoding',
  'Host',
  'Cache-Control',
  'Location',
  'WWW-Authenticate',
  'Content-Type',
  'Sec-A',
]) {
  t.test(`${name} never comes as a trailer`, async t => {
    t.same(responseTrailers([name, 'x', 'Content-Digest', 'y']), [['Content-Digest', 'y']])
  })
}

t.test('what Node would refuse to write is dropped', async t => {
  t.same(responseTrailers(['X A', '1', 'X-B', 'a\nb', Buffer.from('X-C'), Buffer.from('c')]), [['X-C', 'c']])
})

t.test('a client of HTTP/1.0 has no trailers', async t => {
  t.notOk(wantsTrailers({ headers: { te: 'trailers' }, httpVersion: '1.0' } as unknown as IncomingMessage))
})

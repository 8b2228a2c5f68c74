import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import process from 'node:process'
import t, { type Test } from 'tap'
import { wholeBody } from '../../src/forwarding/whole-body.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { listenOnLoopback } from '../fixtures/recorder.ts'

/** What is there of a body a moment after its head, when head and the first octets came in one piece. */
async function taken(t: Test, lines: readonly string[], octets: string) {
  const server = createServer({ highWaterMark: 256 * 1024 })
  const url = await listenOnLoopback(t, server)
  const events = lines.some(line => line.startsWith('Expect')) ? 'checkContinue' : 'request'
  const client = await openRaw(t, url)
  client.send(`POST / HTTP/1.1\r\nHost: a\r\n${lines.map(line => `${line}\r\n`).join('')}\r\n${octets}`)
  const [request, response] = (await once(server, events)) as [IncomingMessage, ServerResponse]
  await new Promise(resolve => process.nextTick(resolve))
  const body = wholeBody(request)
  response.end()
  return body
}

t.test('a body that has come with its head is there as a whole, and may be sent again', async t => {
  const body = await taken(t, ['Content-Length: 5'], 'hello')
  t.match(body, { bytes: 5, isWhole: true, isStarving: false })
  t.equal(String(body?.content), 'hello')
  body?.letGo()
  body?.destroy()
  t.equal(String(body?.inHand()), 'hello')
})

for (const [what, lines, octets] of [
  ['the last octet of which is missing', ['Content-Length: 6'], 'hello'],
  ['none of which has come', ['Content-Length: 5'], ''],
  ['in chunks, whose end is told by the last one', ['Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n'],
  ['of a client that waits to be told to send it', ['Content-Length: 5', 'Expect: 100-continue'], 'hello'],
] as const) {
  t.test(`a body ${what} is left to be streamed`, async t => {
    t.equal(await taken(t, lines, octets), undefined)
  })
}

t.test('what comes behind a body is none of it', async t => {
  const body = await taken(t, ['Content-Length: 5'], 'helloGET / HTTP/1.1\r\nHost: a\r\n\r\n')
  t.equal(String(body?.content), 'hello')
})

for (const [octets, isWhole] of [
  [65_536, true],
  [65_537, false],
] as const) {
  t.test(
    `a body of ${octets} octets that has come as a whole goes out ${isWhole ? 'in one piece' : 'as a stream'}`,
    async t => {
      const request = {
        headers: { 'content-length': String(octets) },
        readableLength: octets,
        read: () => Buffer.alloc(octets),
      } as unknown as IncomingMessage
      t.equal(wholeBody(request)?.bytes, isWhole ? octets : undefined)
    },
  )
}

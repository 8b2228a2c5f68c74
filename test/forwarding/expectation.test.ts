import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import { sendContinue } from '../../src/forwarding/expectation.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { listenOnLoopback } from '../fixtures/recorder.ts'

/** What a server writes that tells a client twice to go on before its answer. */
async function written(t: Test, line: string, ...fields: readonly string[]): Promise<string> {
  const server = createServer()
  for (const event of ['request', 'checkContinue', 'checkExpectation']) {
    server.on(event, (request, response) => {
      sendContinue(request, response)
      sendContinue(request, response)
      response.writeHead(200, { Connection: 'close' }).end()
    })
  }
  const client = await openRaw(t, await listenOnLoopback(t, server))
  client.send(`${[line, 'Host: a', ...fields].join('\r\n')}\r\n\r\n`)
  return client.closed
}

const goOn = 'HTTP/1.1 100 Continue\r\n\r\n'

t.test('a client that expects to be told to go on is told so once', async t => {
  for (const value of ['100-continue', '100-Continue'])
    t.match(
      await written(t, 'POST / HTTP/1.1', `Expect: ${value}`),
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
    )
})

t.test('nobody else is told to go on', async t => {
  for (const [line, ...fields] of [
    ['POST / HTTP/1.1'],
    ['POST / HTTP/1.0', 'Expect: 100-continue'],
    ['POST / HTTP/1.1', 'Expect: 200-ok'],
    ['POST / HTTP/1.1', 'Expect: 100-continue, a'],
  ] as const)
    t.notMatch(await written(t, line, ...fields), goOn)
})

t.test('a client that was answered is not told to go on', async t => {
  const server = createServer().on('checkContinue', (request, response) => {
    response.writeHead(200, { Connection: 'close' })
    sendContinue(request, response)
    response.end()
  })
  const client = await openRaw(t, await listenOnLoopback(t, server))
  client.send('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n')
  t.notMatch(await client.closed, goOn)
})

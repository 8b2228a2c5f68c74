import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { answer } from '../../src/hosts/answer.ts'
import { connectionOf } from '../../src/hosts/connection.ts'
import { openRaw, type RawConnection } from '../fixtures/raw-connection.ts'
import { listenOnLoopback } from '../fixtures/recorder.ts'

const no = { status: 403, fields: ['Content-Length', '2'], body: 'no' }

async function connectTo(
  t: Test,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<RawConnection> {
  return openRaw(t, await listenOnLoopback(t, createServer(handle)))
}

t.test('an answer to a body that has arrived and was not read leaves the connection for the next request', async t => {
  const client = await connectTo(t, (request, response) => {
    request.on('data', () => {})
    request.pause()
    const answerOnceComplete = () => {
      if (request.complete) answer(request, response, no, false)
      else setImmediate(answerOnceComplete)
    }
    answerOnceComplete()
  })
  for (let count = 0; count < 3; count++) {
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n${'x'.repeat(10_000)}`)
    const { status, field } = await client.answer()
    t.same([status, field('connection')], [403, 'keep-alive'])
  }
})

t.test('the last answer says so, and nothing behind it is taken', async t => {
  let isClosing: boolean | undefined
  const client = await connectTo(t, (request, response) => {
    answer(request, response, no, true)
    isClosing = connectionOf(request.socket).isClosing
  })
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  t.equal((await client.answer()).field('connection'), 'close')
  await client.closed
  t.equal(isClosing, true)
})

t.test('a client that sends its small body slowly has its answer before the body is over', async t => {
  const client = await connectTo(t, (request, response) => answer(request, response, no, false))
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab')
  t.equal((await client.answer()).body, 'no')
  client.send('cdGET / HTTP/1.1\r\nHost: a\r\n\r\n')
  t.equal((await client.answer()).body, 'no')
})

t.test('a client that goes away while its body is thrown away ends the matter', async t => {
  let seen: Promise<unknown[]> | undefined
  const client = await connectTo(t, (request, response) => {
    seen = once(response, 'close')
    answer(request, response, no, false)
  })
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab')
  await client.answer()
  client.socket.destroy()
  await seen
  t.pass('closed')
})

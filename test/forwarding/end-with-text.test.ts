import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import t, { type Test } from 'tap'
import { endWithText } from '../../src/forwarding/end-with-text.ts'
import { openRaw } from '../fixtures/raw-connection.ts'

/** A server, and how often it wrote one piece, or several gathered, to its connection. */
async function startServer(t: Test, listener: RequestListener) {
  const writes = { single: 0, gathered: 0 }
  const server = createServer(listener).listen(0, '127.0.0.1')
  server.on('connection', (socket: Socket) => {
    const { _write, _writev } = socket
    socket._write = (...args) => {
      writes.single++
      return _write.apply(socket, args)
    }
    socket._writev = (...args) => {
      writes.gathered++
      return _writev?.apply(socket, args)
    }
  })
  t.teardown(() => server.close())
  await once(server, 'listening')
  return { writes, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const request = (target: string, method = 'GET') => `${method} ${target} HTTP/1.1\r\nHost: a\r\n\r\n`

t.test('head and text go out in one write of one piece, octet by octet', async t => {
  const octets = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('')
  const { writes, url } = await startServer(t, (_, response) => {
    response.writeHead(200, ['Content-Length', '256'])
    endWithText(response, octets)
  })
  const client = await openRaw(t, url)
  client.send(request('/'))
  const { status, body } = await client.answer()
  t.equal(status, 200)
  t.equal(body, octets)
  t.same(writes, { single: 1, gathered: 0 })
})

t.test('to HEAD nothing but the head goes out, and the connection goes on', async t => {
  const { url } = await startServer(t, (_, response) => {
    response.writeHead(404, ['Content-Length', '4'])
    endWithText(response, 'gone')
  })
  const client = await openRaw(t, url)
  client.send(request('/', 'HEAD') + request('/'))
  t.equal((await client.answer('HEAD')).body, '')
  t.equal((await client.answer()).body, 'gone')
})

t.test('an answer that is ready before its turn waits for those in front of it', async t => {
  let finishFirst = () => {}
  const { url } = await startServer(t, ({ url: target = '' }, response) => {
    response.writeHead(200, ['Content-Length', '2'])
    if (target === '/1') finishFirst = () => endWithText(response, target)
    else {
      endWithText(response, target)
      finishFirst()
    }
  })
  const client = await openRaw(t, url)
  client.send(request('/1') + request('/2'))
  t.same([(await client.answer()).body, (await client.answer()).body], ['/1', '/2'])
})

t.test('whoever waits for the end hears of it once all has been handed to the system', async t => {
  let bytesWritten = 0
  const { url } = await startServer(t, (_, response) => {
    const { socket } = response
    response.writeHead(200, ['Content-Length', '2', 'Date', ''])
    response.on('finish', () => {
      bytesWritten = socket?.bytesWritten ?? 0
    })
    endWithText(response, 'ok')
  })
  const client = await openRaw(t, url)
  client.send(request('/'))
  await client.answer()
  t.equal(
    bytesWritten,
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: \r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\nok'
      .length,
  )
})

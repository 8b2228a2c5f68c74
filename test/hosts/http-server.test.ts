import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { Agent, request } from 'node:https'
import t, { type Test } from 'tap'
import { createHttpServer, renewCertificate } from '../../src/hosts/http-server.ts'
import { makeCertificate, makeIssued, pemsOf } from '../fixtures/certificate.ts'
import { startForwarding } from '../fixtures/forwarding-gateway.ts'
import { at, send } from '../fixtures/http-client.ts'
import { aLiveToken, aPost, aRequest } from '../fixtures/live-token.ts'
import { openRaw } from '../fixtures/raw-connection.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { listenOnLoopback, startRecorder } from '../fixtures/recorder.ts'
import { openTls } from '../fixtures/tls-connection.ts'

const options = { maxHeaderBytes: 16_384, clientTimeoutMs: 200, maxConnections: 10 }
const answerOk: RequestListener = (_request, response) => response.end('ok')
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

/** A gateway that serves https with a certificate of its own. */
async function startTls(t: Test, makeClientCa: (folder: string) => string | null = () => null) {
  const folder = t.testdir()
  const certificate = makeCertificate(folder, 'gateway')
  const pems = pemsOf(certificate, makeClientCa(folder))
  const recorder = await startRecorder(t)
  const listen = { host: '127.0.0.1', port: 0, tls: pems }
  const gateway = await startForwarding(t, recorder.url, {}, { listen })
  return { gateway, recorder, folder, ca: certificate.cert }
}

t.test('https', { skip: missingPart('openssl') }, async t => {
  t.test('a request is forwarded as one that came over https, and its connection is kept', async t => {
    const { gateway, recorder, ca } = await startTls(t)
    t.match(gateway.url, /^https:\/\/127\.0\.0\.1:\d+$/)
    const client = await openTls(t, gateway.url, { ca })
    for (const message of [aRequest({}), aPost('{"a":1}')]) {
      client.send(message)
      const answer = await client.until('{"ok":true}\r\n0\r\n\r\n')
      t.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
      t.match(answer, '\r\nConnection: keep-alive\r\n')
    }
    const fields = recorder.requests[1]?.fields ?? []
    t.equal(fields[fields.indexOf('X-Forwarded-Proto') + 1], 'https')
    t.equal(fields[fields.indexOf('X-Forwarded-For') + 1], '127.0.0.1')
    t.equal(recorder.requests[1]?.body.toString(), '{"a":1}')
  })

  t.test('the protocol is as strict as without TLS, and refusals are the same', async t => {
    const { gateway, recorder, ca } = await startTls(t)
    const head = `POST /api/payments/ HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${aLiveToken()}\r\n`
    for (const [message, status] of [
      [`${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
      ['garbage\r\n\r\n', 400],
      ['CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n', 400],
      [`GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
      [`GET / HTTP/1.1\r\nHost: a\r\n${'X-A: b\r\n'.repeat(5000)}\r\n`, 431],
      ['GET /api/orders/a/ HTTP/1.1\r\nHost: a\r\n\r\n', 401],
    ] as const) {
      const client = await openTls(t, gateway.url, { ca })
      client.send(message)
      t.match(await client.until(`"ref":""}}]}`), new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*{"path":".*","errors":`))
      client.socket.destroy()
    }
    t.equal(recorder.requests.length, 0)
  })

  t.test('an old TLS, plain http and a broken handshake end, and others are served', async t => {
    const { gateway, ca } = await startTls(t)
    const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0', ca } as const
    await t.rejects(openTls(t, gateway.url, old))
    for (const octets of [aRequest({}), '\x16\x03\x01\x00\x05hello', '\x16\x03\x01\xff\xff']) {
      const plain = await openRaw(t, gateway.url)
      plain.send(octets)
      if (octets.length === 5) plain.socket.end()
      t.notMatch(await plain.closed, /HTTP\/1\.1/)
    }
    const client = await openTls(t, gateway.url, { ca })
    client.send(aRequest({}))
    t.match(await client.until('{"ok":true}'), /^HTTP\/1\.1 200/)
  })

  t.test('with an authority for clients, only those with a certificate of it come in', async t => {
    const authorities: ReturnType<typeof makeCertificate>[] = []
    const { gateway, recorder, folder, ca } = await startTls(t, folder => {
      authorities.push(makeCertificate(folder, 'authority'), makeCertificate(folder, 'stranger'))
      return authorities[0]?.cert ?? null
    })
    const ask = async (pair: object) => {
      const client = await openTls(t, gateway.url, { ca, ...pair })
      client.send(aRequest({}))
      return client.until('{"ok":true}')
    }
    const [authority, stranger] = authorities as [(typeof authorities)[0], (typeof authorities)[0]]
    const known = makeIssued(folder, 'known', authority)
    t.match(await ask({ cert: known.cert, key: known.key }), /^HTTP\/1\.1 200/)
    await t.rejects(ask({}))
    await t.rejects(ask({ cert: stranger.cert, key: stranger.key }))
    t.equal(recorder.requests.length, 1)
  })

  t.test('a stop does not wait for a handshake that does not go on, nor for a client that says nothing', async t => {
    const { gateway, ca } = await startTls(t)
    const stuck = await openRaw(t, gateway.url)
    stuck.send('\x16\x03\x01\x02\x00')
    const silent = await openTls(t, gateway.url, { ca })
    await gateway.stop()
    await Promise.all([stuck.closed, silent.closed])
    t.equal(gateway.url, '')
  })

  t.test('a client of Node.js keeps its connection, and takes up its session', async t => {
    const { gateway, ca } = await startTls(t)
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca, servername: 'localhost' })
    t.teardown(() => agent.destroy())
    const target = { ...at(gateway.url), path: '/api/orders/a/', headers: { authorization: `Bearer ${aLiveToken()}` } }
    for (let count = 0; count < 3; count++) {
      const outgoing = request({ ...target, agent })
      outgoing.end()
      const [incoming] = await once(outgoing, 'response')
      t.same([incoming.statusCode, outgoing.reusedSocket], [200, count > 0])
      await incoming.resume().toArray()
    }
  })

  t.test('a renewed certificate is shown to new connections, and those that are there go on', async t => {
    const folder = t.testdir()
    const [one, other] = [makeCertificate(folder, 'one'), makeCertificate(folder, 'other')]
    const server = createHttpServer({ ...options, tls: pemsOf(one) }, answerOk)
    const url = await listenOnLoopback(t, server)
    const before = await openTls(t, url, { ca: one.cert })
    renewCertificate(server, pemsOf(other))
    const after = await openTls(t, url, { ca: other.cert })
    t.same([before.shown, after.shown], ['one', 'other'])
    for (const client of [before, after]) {
      client.send(get)
      t.match(await client.until('ok'), /^HTTP\/1\.1 200/)
    }
  })
})

t.test('a plain server has no certificate to renew', async t => {
  const server = createHttpServer(options, answerOk)
  renewCertificate(server, { cert: '', key: '', clientCa: null })
  t.match(await send({ ...at(await listenOnLoopback(t, server)) }), { status: 200, text: 'ok' })
})

t.test('more clients than may be connected are turned away, and let in when others leave', async t => {
  const server = createHttpServer({ ...options, maxConnections: 2 }, answerOk)
  const url = await listenOnLoopback(t, server)
  const clients = [await openRaw(t, url), await openRaw(t, url)]
  for (const client of clients) {
    client.send(get)
    t.equal((await client.answer()).status, 200)
  }
  const dropped = once(server, 'drop')
  const third = await openRaw(t, url)
  t.equal(await third.closed, '')
  await dropped
  clients[0]?.socket.destroy()
  while ((await connections(server)) > 1) await new Promise(setImmediate)
  t.match(await send({ ...at(url) }), { status: 200 })
})

function connections(server: ReturnType<typeof createHttpServer>): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  )
}

t.test('an answer that waits behind a slow one is given its time', async t => {
  const server = createHttpServer(options, (request, response) => {
    if (request.url === '/slow') setTimeout(() => response.end('slow'), 700)
    else response.end('fast')
  })
  const client = await openRaw(t, await listenOnLoopback(t, server))
  client.send(`GET /slow HTTP/1.1\r\nHost: a\r\n\r\n${get}`)
  t.same([(await client.answer()).body, (await client.answer()).body], ['slow', 'fast'])
})

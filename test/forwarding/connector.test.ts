import { lookup } from 'node:dns/promises'
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import process from 'node:process'
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls'
import t, { type Test } from 'tap'
import type { UpstreamTls } from '../../src/forwarding/connector.ts'
import { startForwardingServer } from '../fixtures/forwarding-server.ts'
import { type Answer, openRaw } from '../fixtures/raw-connection.ts'
import { createAuthority, createSelfSigned, withoutOpenssl } from '../fixtures/upstream-certificates.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const get = 'GET /a HTTP/1.1\r\nHost: client-chosen.test\r\n\r\n'
const skip = withoutOpenssl()

interface TlsUpstream {
  readonly port: number
  /** Octets of requests. */
  readonly received: () => string
  readonly handshakes: TLSSocket[]
  /** Per handshake, whether it took up an earlier session. */
  readonly reused: boolean[]
  /** The connections beneath. */
  readonly sockets: Socket[]
}

async function startTlsUpstream(t: Test, options: TlsOptions, answer = ok): Promise<TlsUpstream> {
  let received = ''
  const handshakes: TLSSocket[] = []
  const reused: boolean[] = []
  const sockets: Socket[] = []
  const server: Server = createServer(options, socket => {
    handshakes.push(socket)
    reused.push(socket.isSessionReused())
    socket.on('error', () => {})
    socket.on('data', chunk => {
      received += chunk.toString('latin1')
      if (received.endsWith('\r\n\r\n')) socket.write(answer)
    })
  })
  server.on('tlsClientError', () => {}).on('connection', socket => sockets.push(socket))
  const port = await listenOn(t, server, '127.0.0.1')
  t.teardown(() => {
    for (const socket of handshakes) socket.destroy()
  })
  return { port, received: () => received, handshakes, reused, sockets }
}

async function listenOn(t: Test, server: Server | TcpServer, address: string): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, address, resolve))
  t.teardown(() => void server.close())
  return (server.address() as { port: number }).port
}

async function answersOver(t: Test, origin: string, tls: UpstreamTls, count = 1): Promise<Answer[]> {
  const server = await startForwardingServer(t, origin, { tls })
  const answers: Answer[] = []
  for (let each = 0; each < count; each++) {
    const client = await openRaw(t, server.url)
    client.send(get)
    answers.push(await client.answer())
    client.socket.destroy()
  }
  return answers
}

const outcome = (answer: Answer | undefined) => [answer?.status, answer?.field('x-reason')]
const refused = [502, 'upstream_unreachable']
const accepted = [200, undefined]

t.test('TLS to the upstream', { skip }, async t => {
  const folder = t.testdir()
  const authority = createAuthority(folder, 'own')
  const stranger = createAuthority(folder, 'stranger')
  const good = authority.issue('DNS:localhost,IP:127.0.0.1')
  const old = authority.issue('DNS:localhost', { from: '20200101000000Z', to: '20210101000000Z' })
  const early = authority.issue('DNS:localhost', { from: '20980101000000Z', to: '20990101000000Z' })
  const other = authority.issue('DNS:api.example')
  const named = authority.issue('DNS:localhost')
  const foreign = stranger.issue('DNS:localhost,IP:127.0.0.1')
  const self = createSelfSigned(folder, 'DNS:localhost')
  const ca = { ca: authority.cert }

  t.test('a certificate of the configured authority for the name of the origin is accepted', async t => {
    const upstream = await startTlsUpstream(t, good)
    const [answer] = await answersOver(t, `https://localhost:${upstream.port}`, ca)
    t.same(outcome(answer), accepted)
    t.equal(upstream.handshakes[0]?.servername, 'localhost', 'the name of the origin, not what the client asked for')
    t.match(upstream.received(), /\r\nhost: localhost:\d+\r\n/)
  })

  t.test('an origin that is an address is accepted with a certificate for that address', async t => {
    const upstream = await startTlsUpstream(t, good)
    t.same(outcome((await answersOver(t, `https://127.0.0.1:${upstream.port}`, ca))[0]), accepted)
  })

  for (const [name, pair, host, trust] of [
    ['has expired', old, 'localhost', ca],
    ['is not valid yet', early, 'localhost', ca],
    ['is for another name', other, 'localhost', ca],
    ['is for the name where the origin is an address', named, '127.0.0.1', ca],
    ['is of an authority that is not the configured one', foreign, 'localhost', ca],
    ['is of an authority that nobody knows', good, 'localhost', {}],
    ['vouches for itself', self, 'localhost', ca],
  ] as const) {
    t.test(`an upstream whose certificate ${name} gets not one octet of a request`, async t => {
      const upstream = await startTlsUpstream(t, pair)
      const answers = await answersOver(t, `https://${host}:${upstream.port}`, trust, 3)
      for (const answer of answers) t.same(outcome(answer), refused)
      t.equal(upstream.received(), '')
    })
  }

  t.test('NODE_TLS_REJECT_UNAUTHORIZED does not turn the check off', async t => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    t.teardown(() => {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    })
    const upstream = await startTlsUpstream(t, foreign)
    t.same(outcome((await answersOver(t, `https://localhost:${upstream.port}`, ca))[0]), refused)
    t.equal(upstream.received(), '')
  })

  t.test('TLS 1.1 is refused, TLS 1.2 is not', async t => {
    const weak = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const
    const below = await startTlsUpstream(t, { ...good, ...weak })
    t.same(outcome((await answersOver(t, `https://localhost:${below.port}`, ca))[0]), refused)
    const least = await startTlsUpstream(t, { ...good, maxVersion: 'TLSv1.2' })
    t.same(outcome((await answersOver(t, `https://localhost:${least.port}`, ca))[0]), accepted)
  })

  t.test('an upstream without TLS gets no request in plain text', async t => {
    let received = ''
    const server = createTcpServer(socket => {
      socket
        .on('error', () => {})
        .on('data', chunk => {
          received += chunk.toString('latin1')
          socket.end(ok)
        })
    })
    const port = await listenOn(t, server, '127.0.0.1')
    t.same(outcome((await answersOver(t, `https://localhost:${port}`, ca))[0]), refused)
    t.notMatch(received, /GET/)
  })

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    t.test(`a further connection takes up the session of an earlier one (${maxVersion})`, async t => {
      const closing = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'
      const upstream = await startTlsUpstream(t, { ...good, maxVersion }, closing)
      for (const answer of await answersOver(t, `https://localhost:${upstream.port}`, ca, 4)) {
        t.same(outcome(answer), accepted)
      }
      t.same(upstream.reused, [false, true, true, true])
    })
  }

  t.test('an answer that is reset within TLS is not taken for a whole one', async t => {
    const upstream = await startTlsUpstream(t, good, 'HTTP/1.1 200 OK\r\n\r\nabc')
    const server = await startForwardingServer(t, `https://localhost:${upstream.port}`, { tls: ca })
    const client = await openRaw(t, server.url)
    client.socket.once('data', () => upstream.sockets[0]?.resetAndDestroy())
    client.send(get)
    await t.rejects(client.answer(), /ended within an answer/)
    t.match(server.outcomes, [{ end: 'cut', reason: 'upstream_reset' }])
  })

  t.test('an upstream that asks for a certificate', async t => {
    const own = stranger.issue('DNS:gateway')
    const mutual = { ...good, requestCert: true, rejectUnauthorized: true, ca: stranger.cert }
    t.test('lets a gateway in that has the right one', async t => {
      const upstream = await startTlsUpstream(t, mutual)
      const tls = { ...ca, clientCert: own.cert, clientKey: own.key }
      t.same(outcome((await answersOver(t, `https://localhost:${upstream.port}`, tls))[0]), accepted)
      t.ok(upstream.handshakes[0]?.authorized)
    })
    for (const [name, tls] of [
      ['none', ca],
      ['a foreign one', { ...ca, clientCert: good.cert, clientKey: good.key }],
    ] as const) {
      t.test(`refuses a gateway that has ${name}`, async t => {
        const upstream = await startTlsUpstream(t, mutual)
        const [answer] = await answersOver(t, `https://localhost:${upstream.port}`, tls)
        t.equal(answer?.status, 502)
        t.equal(upstream.received(), '')
      })
    }
  })
})

t.test('a name with two addresses is reached by whichever of them is there', async t => {
  const server = createTcpServer(socket => {
    socket.on('error', () => {}).on('data', () => socket.write(ok))
    t.teardown(() => void socket.destroy())
  })
  const port = await listenOn(t, server, '127.0.0.1')
  const forwarding = await startForwardingServer(t, `http://two.test:${port}`, {
    lookup: (_name, _options, callback) =>
      callback(null, [
        { address: '::1', family: 6 },
        { address: '127.0.0.1', family: 4 },
      ]),
  })
  const client = await openRaw(t, forwarding.url)
  client.send(get)
  t.equal((await client.answer()).status, 200)
})

const known = await lookup('localhost', { all: true })
for (const [family, address] of [
  [4, '127.0.0.1'],
  [6, '::1'],
] as const) {
  const skip = known.some(each => each.family === family) ? false : `localhost has no IPv${family} address here`
  t.test(`localhost is reached where only its IPv${family} address is listened on`, { skip }, async t => {
    const server = createTcpServer(socket => {
      socket.on('error', () => {}).on('data', () => socket.write(ok))
      t.teardown(() => void socket.destroy())
    })
    const port = await listenOn(t, server, address)
    t.same(outcome((await answersOver(t, `http://localhost:${port}`, {}))[0]), accepted)
  })
}

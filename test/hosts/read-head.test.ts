import type { IncomingMessage } from 'node:http'
import t from 'tap'
import { hasKnownFraming, readHead } from '../../src/hosts/read-head.ts'

const ids = { requestId: 'r', traceId: 't', spanId: 's' }

/** As much of a request as is looked at. */
function aMessage(parts: object): IncomingMessage {
  return parts as IncomingMessage
}

t.test('a head holds the method, the target as received, the field lines and the address of the client', async t => {
  const message = aMessage({
    method: 'GET',
    url: '/a?b',
    rawHeaders: ['X-A', '1'],
    socket: { remoteAddress: '192.0.2.1' },
  })
  t.same(
    readHead(message, ids, peer => peer),
    {
      method: 'GET',
      target: '/a?b',
      fields: ['X-A', '1'],
      clientAddress: '192.0.2.1',
      scheme: 'http',
      ids,
    },
  )
})

t.test('the address is asked for with the peer and the field lines, and TLS makes the scheme https', async t => {
  const socket = { remoteAddress: '192.0.2.1', encrypted: true }
  const head = readHead(aMessage({ rawHeaders: ['X-A', '1'], socket }), ids, (peer, fields) => `${peer} ${fields}`)
  t.match(head, { clientAddress: '192.0.2.1 X-A,1', scheme: 'https' })
})

t.test('a client that is gone already has no address', async t => {
  const head = readHead(aMessage({ rawHeaders: [], socket: {} }), ids, peer => peer)
  t.match(head, { method: '', target: '', clientAddress: '' })
})

for (const [httpVersion, coding, expected] of [
  ['1.1', undefined, true],
  ['1.1', 'chunked', true],
  ['1.0', undefined, true],
  ['1.0', 'chunked', false],
  ['0.9', undefined, false],
  ['2.0', undefined, false],
] as const) {
  t.test(
    `the framing of HTTP/${httpVersion} with Transfer-Encoding ${coding} is ${expected ? '' : 'not '}known`,
    async t => {
      const headers = coding === undefined ? {} : { 'transfer-encoding': coding }
      t.equal(hasKnownFraming(aMessage({ httpVersion, headers })), expected)
    },
  )
}

import type { IncomingMessage } from 'node:http'
import t from 'tap'
import { fieldValue, readRequestHead } from '../../src/simulator/request-head.ts'

function aRequest(overrides: Record<string, unknown> = {}): IncomingMessage {
  const request = { method: 'GET', url: '/', rawHeaders: [], socket: { remoteAddress: '127.0.0.1' }, ...overrides }
  return request as unknown as IncomingMessage
}

t.test('a target is split into a decoded path and its query', async t => {
  const head = readRequestHead(aRequest({ url: '/a%2Fb%c3%a9%zz?c=%2F' }))
  t.match(head, { path: '/a/bé%zz', rawPath: '/a%2Fb%c3%a9%zz', rawQuery: '?c=%2F' })
  t.equal(head.query.get('c'), '/')
})

t.test('an absolute target loses its origin', async t => {
  for (const [url, path] of [
    ['http://x/a', '/a'],
    ['HTTP://x?a', '/'],
    ['http://x', '/'],
    ['*', '*'],
  ] as const) {
    t.equal(readRequestHead(aRequest({ url })).path, path, url)
  }
})

t.test('fields are one whatever their case, with _ for -, and their values are joined', async t => {
  const rawHeaders = ['X-Forwarded-For', 'a', 'X_Forwarded_For', 'b', 'x-forwarded-for', '']
  const head = readRequestHead(aRequest({ rawHeaders }))
  t.equal(fieldValue(head, 'X-Forwarded-For'), 'a,b,')
  t.equal(fieldValue(head, 'X-Other'), undefined)
})

t.test('an IPv4 address that is mapped into IPv6 is the IPv4 address', async t => {
  t.equal(readRequestHead(aRequest({ socket: { remoteAddress: '::ffff:127.0.0.1' } })).address, '127.0.0.1')
})

t.test('a request of which nothing is known is a GET of the root from nowhere', async t => {
  const head = readRequestHead(aRequest({ method: undefined, url: undefined, socket: {} }))
  t.match(head, { method: 'GET', path: '/', rawQuery: '', address: '' })
})

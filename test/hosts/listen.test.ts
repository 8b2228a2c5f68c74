import { createServer } from 'node:http'
import t from 'tap'
import { listen, urlOf } from '../../src/hosts/listen.ts'

const address = { host: '127.0.0.1', port: 0, key: 'listen' }

t.test('a server that does not listen has no URL; one that does says where', async t => {
  const server = createServer()
  t.equal(urlOf(server), '')
  await listen(server, address, () => {})
  t.teardown(() => void server.close())
  t.match(urlOf(server), /^http:\/\/127\.0\.0\.1:\d+$/)
})

t.test('an address that cannot be had is told once, and not as a late error', async t => {
  const late: Error[] = []
  const server = createServer()
  const failed = listen(server, { ...address, host: '192.0.2.1' }, error => late.push(error))
  await t.rejects(failed, { code: 'ERR_FORAGE_LISTEN', message: /Set listen\.host/ })
  t.same(late, [])
})

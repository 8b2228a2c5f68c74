import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import t from 'tap'
import { logOverload, watchListener } from '../../src/hosts/listener-log.ts'
import { openLogger } from '../../src/observability/logger.ts'
import { logFileIn } from '../fixtures/log-file.ts'

t.test('what anybody can bring about is logged once in a while, by its code only', async t => {
  const file = logFileIn(t.testdir())
  const { logger, flush } = openLogger(file.log)
  const server = new EventEmitter()
  const onError = watchListener(server as Server, logger)
  const error = Object.assign(new Error('secret'), { code: 'EMFILE' })
  for (let count = 0; count < 3; count++) {
    server.emit('drop', { remoteAddress: '127.0.0.1' })
    server.emit('tlsClientError', Object.assign(error, { code: 'ERR_SSL_HTTP_REQUEST' }), undefined)
    onError(Object.assign(error, { code: 'EMFILE' }))
  }
  flush()
  t.match(file.lines(), [
    { level: 'warn', msg: /as many as may be are open/, more: 0 },
    { level: 'info', error_code: 'ERR_SSL_HTTP_REQUEST', msg: 'a TLS handshake failed' },
    { level: 'error', error_code: 'EMFILE', msg: 'a connection could not be accepted' },
  ])
  t.equal(file.lines().length, 3)
  t.notMatch(file.text(), /secret/)
})

t.test('the beginning and the end of an overload are logged', async t => {
  const file = logFileIn(t.testdir())
  const { logger, flush } = openLogger(file.log)
  logOverload(logger, 'memory short')
  logOverload(logger, undefined)
  flush()
  t.match(file.lines(), [
    { level: 'warn', cause: 'memory short', msg: /answered with 503/ },
    { level: 'warn', msg: /fine again/ },
  ])
})

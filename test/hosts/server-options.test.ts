import t from 'tap'
import { serverOptions } from '../../src/hosts/server-options.ts'

t.test('the parser is strict, and its limit lies above those of the gate', async t => {
  const options = serverOptions(16_384)
  t.equal(options.insecureHTTPParser, false)
  t.ok((options.maxHeaderSize ?? 0) > 16_384 + 8192)
})

t.test('a slow head is given ten seconds; an idle connection outlives those of load balancers', async t => {
  const { headersTimeout = 0, keepAliveTimeout = 0, requestTimeout = 0 } = serverOptions(1)
  t.equal(headersTimeout, 10_000)
  t.ok(keepAliveTimeout > 60_000)
  t.ok(requestTimeout > 0)
})

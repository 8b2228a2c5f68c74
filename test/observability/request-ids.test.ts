import t from 'tap'
import { createRequestIds } from '../../src/observability/request-ids.ts'

t.test('ids are lower-case hex of the lengths that W3C Trace Context asks for', async t => {
  const { requestId, traceId, spanId } = createRequestIds()()
  t.match(requestId, /^[0-9a-f]{32}$/)
  t.match(traceId, /^[0-9a-f]{32}$/)
  t.match(spanId, /^[0-9a-f]{16}$/)
})

t.test('no id comes twice, also where the supply of random octets is renewed', async t => {
  const next = createRequestIds()
  const ids = Array.from({ length: 2000 }, next).flatMap(({ requestId, traceId, spanId }) => [
    requestId,
    traceId,
    spanId,
  ])
  t.equal(new Set(ids).size, 6000)
})

t.test('every octet of the supply is used once: 256 requests per draw', async t => {
  let draws = 0
  const next = createRequestIds(size => {
    draws++
    return Buffer.alloc(size, draws)
  })
  for (let count = 0; count < 256; count++) next()
  t.equal(draws, 1)
  t.same(next(), { requestId: '02'.repeat(16), traceId: '02'.repeat(16), spanId: '02'.repeat(8) })
  t.equal(draws, 2)
})

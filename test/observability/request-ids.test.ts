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
  const random = (size: number) => {
    draws++
    return Buffer.alloc(size, draws)
  }
  const next = createRequestIds({ random })
  for (let count = 0; count < 256; count++) next()
  t.equal(draws, 1)
  t.same(next(), { requestId: '02'.repeat(16), traceId: '02'.repeat(16), spanId: '02'.repeat(8) })
  t.equal(draws, 2)
})

t.test('a span of the call of Forage gets an id of its own where it is asked for', async t => {
  const ids = createRequestIds({ hasClientSpan: true })()
  t.match(ids.clientSpanId, /^[0-9a-f]{16}$/)
  t.not(ids.clientSpanId, ids.spanId)
  t.notOk('clientSpanId' in createRequestIds()())
})

t.test('with that id, too, every octet of the supply is used once', async t => {
  let octets = 0
  const random = (size: number) => {
    octets += size
    return Buffer.alloc(size, 7)
  }
  const next = createRequestIds({ hasClientSpan: true, random })
  const lengths = Array.from({ length: 256 }, () => next().clientSpanId?.length)
  t.same([...new Set(lengths)], [16])
  t.equal(octets, 48 * 256)
  next()
  t.equal(octets, 2 * 48 * 256)
})
